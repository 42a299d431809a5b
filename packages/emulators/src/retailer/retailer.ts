import type { ModelKey } from './company.js';
import { companyModel } from './company.js';
import type { DemandModel } from './demand.js';
import { advanceErp, createErp, type Erp, settleHistory } from './erp/erp.js';
import { createFacts } from './facts.js';
import { generateHistory } from './history.js';
import { integrationPaths, type RetailerOptions, resolveParameters } from './parameters.js';
import { createWorld, type World } from './world.js';

export interface Retailer {
  readonly world: World;
  readonly demand: DemandModel;
  /** Present when asked for. */
  readonly erp: Erp | undefined;
}

export interface RetailerSystems {
  /** The ERP's set-up; without one the retailer has no ERP. */
  readonly model?: ModelKey;
}

/** The same options give the same retailer, byte for byte; with or without an ERP the same world. */
export const createRetailer = (
  options: RetailerOptions,
  systems: RetailerSystems = {},
): Retailer => {
  const world = createWorld(resolveParameters(options));
  if (systems.model === undefined) {
    const demand = generateHistory(world);
    connect(world, options);
    return { world, demand, erp: undefined };
  }
  world.facts = createFacts();
  const erp = createErp(world, companyModel(systems.model));
  const demand = generateHistory(world, (untilMs) => advanceErp(erp, untilMs));
  settleHistory(erp);
  connect(world, options);
  return { world, demand, erp };
};

const connect = (world: World, { integration }: RetailerOptions): void => {
  world.integration = integrationPaths(integration);
  if (!world.integration.has('stock')) world.stock.detachShop();
};
