import { formatLocal } from "../model/format.ts";
import { parseRange, RANGES, rangeText, type TimeRangeChoice } from "../model/list-state.ts";
import { Choice, Popover } from "../ui/popover.tsx";

interface RangePickerProps {
  range: TimeRangeChoice;
  onRange: (range: TimeRangeChoice) => void;
}

export function RangePicker({ range, onRange }: RangePickerProps) {
  const text = rangeText(range);
  return (
    <Popover label={rangeLabel(range)} icon="clock" title="Time range" align="end">
      {(close) =>
        RANGES.map((choice) => (
          <Choice
            key={choice.text}
            label={choice.label}
            isChosen={choice.text === text}
            onChoose={() => {
              onRange(parseRange(choice.text));
              close();
            }}
          />
        ))
      }
    </Popover>
  );
}

/** "Last 24 hours", or both moments, the second one short where it is the same day. */
export function rangeLabel(range: TimeRangeChoice): string {
  if (range.kind !== "between") {
    const text = rangeText(range);
    return RANGES.find((choice) => choice.text === text)?.label ?? `Last ${text}`;
  }
  const [from, to] = [formatLocal(range.from).slice(0, 16), formatLocal(range.to).slice(0, 16)];
  return from.slice(0, 10) === to.slice(0, 10) ? `${from} – ${to.slice(11)}` : `${from} – ${to}`;
}
