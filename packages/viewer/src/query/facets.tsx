import type { Target } from "../api/client.ts";
import type { Facet } from "../api/types.ts";
import { type FacetSelection, useFacets } from "../api/use-query-language.ts";
import { formatCount } from "../model/format.ts";
import { Icon } from "../ui/icons.tsx";
import { chooseValues, chosenValues, excludeValue, toggleValue } from "./clauses.ts";
import styles from "./facets.module.css";

/** Values of a facet shown before "more". */
const FIRST_VALUES = 6;

interface FacetsProps {
  target: Target;
  selection: FacetSelection;
  onQuery: (query: string) => void;
}

/** What there is to filter by, with counts. It edits the same query as the bar: one state, two editors. */
export function Facets({ target, selection, onQuery }: FacetsProps) {
  const { data, error } = useFacets(target, selection, true);
  return (
    <aside className={styles["facets"]} aria-label="Filters">
      {data?.map(
        (facet) =>
          facet.values.length > 0 && (
            <FacetGroup key={facet.field} facet={facet} query={selection.q} onQuery={onQuery} />
          ),
      )}
      {data === undefined && error !== null && <p className={styles["note"]}>{error.message}</p>}
    </aside>
  );
}

interface FacetGroupProps {
  facet: Facet;
  query: string;
  onQuery: (query: string) => void;
}

function FacetGroup({ facet, query, onQuery }: FacetGroupProps) {
  const { field, values, truncated } = facet;
  const chosen = chosenValues(query, field);
  // What is chosen stays in sight, whatever its count.
  const first = values.filter(({ value }, index) => index < FIRST_VALUES || chosen.includes(value));
  const rest = values.filter((value) => !first.includes(value));
  const gone = chosen.filter((value) => !values.some((entry) => entry.value === value));
  const most = Math.max(1, ...values.map(({ count }) => count));
  const show = (entries: readonly { value: string; count: number }[]) =>
    entries.map(({ value, count }) => (
      <li key={value} className={styles["value"]} style={{ "--share": `${(count / most) * 100}%` }}>
        <label title={value}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={() => onQuery(toggleValue(query, field, value))}
          />
          <span className={styles["text"]}>{value === "" ? "(none)" : value}</span>
          <span className={styles["count"]}>{formatCount(count)}</span>
        </label>
        <button
          type="button"
          title={`Leave out ${value}`}
          aria-label={`Leave out ${field} ${value}`}
          onClick={() => onQuery(excludeValue(query, field, value))}
        >
          <Icon name="minus" size={12} />
        </button>
      </li>
    ));
  return (
    <details className={styles["group"]} open>
      <summary>
        <Icon name="caret" size={11} />
        {facetLabel(field)}
        {chosen.length > 0 && (
          <button
            type="button"
            className={styles["clear"]}
            aria-label={`Clear the filter by ${field}`}
            onClick={(event) => {
              event.preventDefault();
              onQuery(chooseValues(query, field, []));
            }}
          >
            Clear
          </button>
        )}
      </summary>
      <ul>
        {show(gone.map((value) => ({ value, count: 0 })))}
        {show(first)}
      </ul>
      {rest.length > 0 && (
        <details className={styles["more"]}>
          <summary>{rest.length} more</summary>
          <ul>{show(rest)}</ul>
        </details>
      )}
      {truncated && <p className={styles["note"]}>Only the most frequent are listed: type others into the bar.</p>}
    </details>
  );
}

/** `traceName` → "Trace name" */
function facetLabel(field: string): string {
  const words = field.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
