import type { Clock } from '../clock.js';
import { listen } from '../http.js';
import type { Service } from '../odata/model.js';
import type { QuietHours } from '../odata/quiet-hours.js';
import { createODataServer, type ODataServer, TOKEN_PATH } from '../odata/server.js';
import { type Erp, runErp } from '../retailer/erp/erp.js';
import type { FaultPort, RequestTarget } from '../shopware/fault-port.js';
import { createEventMesh, type EventMesh } from './events/event-mesh.js';
import { businessEvent, type ErpNews } from './news.js';
import { createServices } from './services.js';

/** An S/4HANA over the retailer's ERP: services over HTTP, and news of what changed. */

export interface SapOptions {
  readonly erp: Erp;
  readonly clock: Clock;
  readonly faults: FaultPort;
  readonly onCall: (target: RequestTarget) => void;
  readonly user: string;
  readonly password: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Signs tokens and sessions. */
  readonly secret: string;
  readonly host?: string;
  readonly port?: number;
  readonly requestsPerSecond?: number;
  readonly quietHours?: QuietHours;
  /** Told of every business event, in order. */
  readonly onEvent?: (event: ErpNews) => void;
  /** Where business events are pushed, with the secret as a bearer token. */
  readonly eventsUrl?: string;
  readonly eventsSecret: string;
}

export interface Sap {
  readonly url: string;
  readonly tokenUrl: string;
  readonly erp: Erp;
  readonly services: readonly Service[];
  readonly server: ODataServer;
  readonly mesh: EventMesh;
  /** Of the broker's queues, to fetch from. */
  readonly queueUrl: string;
  /** Brings the ERP to now, as every call does. */
  readonly catchUp: () => void;
  readonly close: () => Promise<void>;
}

const SYSTEM_ID = '0M4H1S4';

export const createSap = async (options: SapOptions): Promise<Sap> => {
  const { erp, clock } = options;
  const services = createServices(erp, () => clock.now());
  const pump = runErp(erp, clock);
  const auth = {
    users: [{ id: options.user, secret: options.password }],
    clients: [{ id: options.clientId, secret: options.clientSecret }],
  };
  const mesh = createEventMesh({
    clock,
    faults: options.faults,
    secret: options.secret,
    systemId: SYSTEM_ID,
    auth,
    onCall: (target) => {
      pump.catchUp();
      options.onCall(target);
    },
  });
  if (options.eventsUrl !== undefined) {
    mesh.subscribe({
      name: 'headrace',
      url: options.eventsUrl,
      auth: { kind: 'bearer', token: options.eventsSecret },
    });
  }
  const listener: Parameters<Erp['listeners']['add']>[0] = (change) => {
    const news = businessEvent(change, (row) => erp.materials.numberOf(row));
    options.onEvent?.(news);
    mesh.publish(news);
  };
  erp.listeners.add(listener);
  const server = createODataServer({
    services,
    clock,
    faults: options.faults,
    onCall: (target) => {
      pump.catchUp();
      options.onCall(target);
    },
    secret: options.secret,
    auth,
    requestsPerSecond: options.requestsPerSecond ?? 0,
    ...(options.quietHours === undefined ? {} : { quietHours: options.quietHours }),
  });
  const running = await listen(server.listener, options.host ?? '127.0.0.1', options.port ?? 0);
  const queues = await listen(mesh.listener, options.host ?? '127.0.0.1', 0);
  return {
    url: running.url,
    tokenUrl: `${running.url}${TOKEN_PATH}`,
    erp,
    services,
    server,
    mesh,
    queueUrl: queues.url,
    catchUp: pump.catchUp,
    close: async () => {
      pump.stop();
      erp.listeners.delete(listener);
      mesh.close();
      await Promise.all([running.close(), queues.close()]);
    },
  };
};
