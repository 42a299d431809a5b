/** The lanes on one time axis. Drag to zoom; every mark can be reached with the keyboard. */
import {
  type PointerEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useRef,
  useState,
} from 'react';
import { durationText, timeText } from '../format.js';
import {
  type Cluster,
  clustersOf,
  type Lane,
  type Mark,
  roomy,
  type Span,
  ticksOf,
} from './lanes.js';

const labelWidth = 210;
const axisHeight = 26;
const rowHeight = 26;
const laneGap = 8;
const apartPx = 13;
/** More rows of one system are folded away: a trace of a customer may have hundreds. */
const rowsShown = 5;

export interface LanesViewProps {
  readonly lanes: readonly Lane[];
  readonly span: Span;
  readonly selected: number | null;
  select(mark: Mark): void;
  zoom(span: Span): void;
}

export function LanesView({ lanes, span, selected, select, zoom }: LanesViewProps) {
  const [ref, width] = useWidth();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [brush, setBrush] = useState<{ readonly from: number; readonly to: number } | null>(null);
  const plot = Math.max(120, width - labelWidth - 14);
  const place = (ms: number) =>
    labelWidth + ((ms - span.fromMs) / (span.toMs - span.fromMs)) * plot;
  const timeAt = (x: number) => span.fromMs + ((x - labelWidth) / plot) * (span.toMs - span.fromMs);

  let y = axisHeight;
  const shown = lanes.map((lane) => {
    const isOpen = open.has(lane.source) || lane.rows.length <= rowsShown + 1;
    const rows = (isOpen ? lane.rows : lane.rows.slice(0, rowsShown)).map((row) => {
      const at = { row, y: y + laneGap / 2 };
      y += rowHeight;
      return at;
    });
    const folded = lane.rows.length - rows.length;
    const foldedY = y + laneGap / 2;
    if (folded > 0) y += rowHeight - 4;
    const actsY = y + laneGap / 2;
    if (lane.acts.length > 0) y += rowHeight;
    const top = (rows[0]?.y ?? actsY) - laneGap / 2;
    y += laneGap;
    return { lane, rows, folded, foldedY, actsY, top, bottom: y };
  });
  const height = y + 2;
  const zone = -new Date(span.fromMs).getTimezoneOffset() * 60_000;
  const ticks = ticksOf(span, Math.max(3, Math.floor(plot / 110)), zone);

  const at = (event: PointerEvent<SVGSVGElement>) =>
    event.clientX - event.currentTarget.getBoundingClientRect().left;
  const press = (event: PointerEvent<SVGSVGElement>) => {
    const isMark = (event.target as Element).closest('[role=button]') !== null;
    const x = at(event);
    if (event.button !== 0 || isMark || x < labelWidth) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setBrush({ from: x, to: x });
  };
  const move = (event: PointerEvent<SVGSVGElement>) => {
    const x = Math.min(labelWidth + plot, Math.max(labelWidth, at(event)));
    setBrush((now) => (now === null ? null : { ...now, to: x }));
  };
  const release = () => {
    if (brush !== null && Math.abs(brush.to - brush.from) > 4) {
      const [a, b] = [timeAt(brush.from), timeAt(brush.to)];
      zoom({ fromMs: Math.min(a, b), toMs: Math.max(a, b) });
    }
    setBrush(null);
  };

  return (
    <section
      className="lanes"
      ref={ref}
      aria-label="Statements of each system over time; the table below has the same"
    >
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: A title would show as a tip over all of it. */}
      <svg
        width={width}
        height={height}
        onPointerDown={press}
        onPointerMove={move}
        onPointerUp={release}
        onPointerCancel={() => setBrush(null)}
      >
        {shown.map(({ lane, top, bottom }, index) => (
          <rect
            key={lane.source}
            className={index % 2 === 0 ? 'lane even' : 'lane'}
            x="0"
            y={top}
            width={width}
            height={bottom - top}
          />
        ))}
        <clipPath id="plot">
          <rect x={labelWidth - 5} y="0" width={plot + 14} height={height} />
        </clipPath>
        {ticks.map((tick) => (
          <g key={tick.ms} className="tick">
            <line x1={place(tick.ms)} x2={place(tick.ms)} y1={axisHeight - 5} y2={height} />
            <text x={place(tick.ms)} y="14" textAnchor="middle">
              {tick.text}
            </text>
          </g>
        ))}
        {shown.map(({ lane, rows, folded, foldedY, actsY }) => (
          <g key={lane.source}>
            {lane.acts.length > 0 && (
              <Acts lane={lane} isAlone={rows.length === 0} y={actsY} place={place} />
            )}
            {rows.map(({ row, y: rowY }, index) => (
              <g key={row.record}>
                {index === 0 && (
                  <text className="lane-name" x="8" y={rowY + 17}>
                    {short(lane.source, 8)}
                  </text>
                )}
                <text className="row-name" x="72" y={rowY + 17}>
                  {shortLabel(row.label)}
                  <title>{row.record}</title>
                </text>
                <g clipPath="url(#plot)">
                  {clustersOf(row.marks, place, apartPx)
                    .filter(({ from, to }) => to >= labelWidth && from <= labelWidth + plot)
                    .map((cluster) => (
                      <ClusterMark
                        key={cluster.marks[0]?.statement.journal}
                        cluster={cluster}
                        place={place}
                        y={rowY + 13}
                        selected={selected}
                        select={select}
                        zoom={zoom}
                      />
                    ))}
                </g>
              </g>
            ))}
            {folded > 0 && (
              <SvgButton
                className="fold"
                name={`Show ${folded} more records of ${lane.source}`}
                act={() => setOpen(new Set([...open, lane.source]))}
              >
                <text x="72" y={foldedY + 13}>
                  {folded} more records of {lane.source}
                </text>
              </SvgButton>
            )}
          </g>
        ))}
        {brush !== null && (
          <rect
            className="brush"
            x={Math.min(brush.from, brush.to)}
            y={axisHeight}
            width={Math.abs(brush.to - brush.from)}
            height={height - axisHeight}
          />
        )}
      </svg>
    </section>
  );
}

/** What flows did at this system, as diamonds; the table says which. */
function Acts({
  lane,
  isAlone,
  y,
  place,
}: {
  readonly lane: Lane;
  readonly isAlone: boolean;
  readonly y: number;
  readonly place: (ms: number) => number;
}) {
  return (
    <>
      {isAlone && (
        <text className="lane-name" x="8" y={y + 17}>
          {short(lane.source, 8)}
        </text>
      )}
      <text className="row-name" x="72" y={y + 17}>
        by flows
      </text>
      <g clipPath="url(#plot)">
        {lane.acts.map(({ hop, atMs }) => (
          <path
            key={`${hop.journal} ${hop.what}`}
            className="act-mark"
            d={`M${place(atMs)} ${y + 7}l6 6-6 6-6-6z`}
          >
            <title>{`${timeText(atMs, 'ms')} ${hop.what}`}</title>
          </path>
        ))}
      </g>
    </>
  );
}

function ClusterMark({
  cluster,
  place,
  y,
  selected,
  select,
  zoom,
}: {
  readonly cluster: Cluster;
  readonly place: (ms: number) => number;
  readonly y: number;
  readonly selected: number | null;
  readonly select: (mark: Mark) => void;
  readonly zoom: (span: Span) => void;
}) {
  const { marks } = cluster;
  const [first] = marks;
  if (first === undefined) return null;
  const isSelected = marks.some(({ statement }) => statement.journal === selected);
  const from = Math.max(labelWidth - 6, cluster.from);
  const isPass = marks.every((mark) => mark.isPass);
  const last = marks.at(-1) ?? first;
  const act = () => {
    if (marks.length === 1) select(first);
    else {
      const times = marks.flatMap((mark) => [mark.fromMs, mark.toMs]);
      const span = roomy({ fromMs: Math.min(...times), toMs: Math.max(...times) });
      // Statements of one moment do not come apart; the newest of them is shown.
      if (span.toMs - span.fromMs < 60) select(last);
      else zoom(span);
    }
  };
  const name =
    marks.length === 1 ? markName(first) : `${marks.length} statements of ${first.statement.key}`;
  return (
    <SvgButton
      className={`mark${isSelected ? ' selected' : ''}${isPass ? ' pass' : ''}`}
      name={name}
      isPressed={isSelected}
      act={act}
    >
      <title>{name}</title>
      <rect className="hit" x={from - 8} y={y - 12} width={cluster.to - from + 16} height="24" />
      {marks.length === 1 ? (
        <>
          <line x1={from} x2={cluster.to} y1={y} y2={y} />
          {cluster.to - from > 6 && <circle className="hollow" cx={from} cy={y} r="3.5" />}
          {first.statement.gone ? (
            <path d={`M${place(first.toMs) - 4} ${y - 4}l8 8m0-8l-8 8`} />
          ) : (
            <circle cx={place(first.toMs)} cy={y} r="4.5" />
          )}
        </>
      ) : (
        <>
          <rect
            className="pill"
            x={from - 9}
            y={y - 8}
            width={Math.max(18, cluster.to - from + 18)}
            height="16"
            rx="8"
          />
          <text x={(from + cluster.to) / 2} y={y + 4} textAnchor="middle">
            {marks.length}
          </text>
        </>
      )}
    </SvgButton>
  );
}

function SvgButton({
  className,
  name,
  isPressed,
  act,
  children,
}: {
  readonly className: string;
  readonly name: string;
  readonly isPressed?: boolean;
  act(): void;
  readonly children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: An SVG has no button element.
    <g
      role="button"
      tabIndex={0}
      className={className}
      aria-label={name}
      aria-pressed={isPressed}
      onClick={act}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        act();
      }}
    >
      {children}
    </g>
  );
}

function markName({ statement, fromMs, toMs }: Mark): string {
  const what = statement.gone ? 'gone' : `version ${statement.version ?? 'none'}`;
  return `${statement.source}/${statement.stream} ${statement.key}, ${what}: true ${timeText(fromMs, 'ms')}, readable ${durationText(toMs - fromMs)} later`;
}

/** The end of an id tells more of them apart than its beginning. */
function shortLabel(label: string): string {
  const size = 19;
  if (label.length <= size) return label;
  const [stream = '', ...key] = label.split('/');
  const room = Math.max(4, size - stream.length - 2);
  return `${short(stream, size - 6)}/…${key.join('/').slice(-room)}`;
}

function short(text: string, size: number): string {
  return text.length <= size ? text : `${text.slice(0, size - 1)}…`;
}

function useWidth(): [RefObject<HTMLElement | null>, number] {
  const ref = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(960);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}
