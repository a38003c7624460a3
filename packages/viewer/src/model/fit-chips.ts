/** Estimates, as measuring each chip of each row would cost a layout. The style sheet cuts what they miss by a few pixels. */
const CHAR_PX = 6;
const CHIP_PADDING_PX = 14;
const LABEL_GAP_PX = 4;
const CHIP_GAP_PX = 4;
/** ui/chip.module.css: longer chips end in an ellipsis. */
const MAX_CHIP_PX = 180;
/** The "+2" behind the last chip. */
const MORE_PX = 22;

export interface ChipText {
  label: string | null;
  text: string;
}

/** How many of the chips, from the first, fit on one line together with a count of the rest. At least 1 when there is one. */
export function fitChips(chips: readonly ChipText[], availablePx: number): number {
  let usedPx = 0;
  for (const [index, chip] of chips.entries()) {
    usedPx += chipWidth(chip) + (index === 0 ? 0 : CHIP_GAP_PX);
    const isLast = index === chips.length - 1;
    if (usedPx + (isLast ? 0 : CHIP_GAP_PX + MORE_PX) > availablePx) return Math.max(1, index);
  }
  return chips.length;
}

function chipWidth({ label, text }: ChipText): number {
  const labelPx = label === null ? 0 : label.length * CHAR_PX + LABEL_GAP_PX;
  return Math.min(MAX_CHIP_PX, CHIP_PADDING_PX + labelPx + text.length * CHAR_PX);
}
