// What an audit entry changed, as short lines: the fields whose value differs before and after. Pure.

export interface FieldChange {
  field: string | null;
  before: string | null;
  after: string | null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A list of words in the log of rules: what came (+) or went (−), and how many more than are named. */
function listed(value: Record<string, unknown>): string | null {
  const [sign, words] = Array.isArray(value["added"]) ? ["+", value["added"]] : ["−", value["removed"] as unknown[]];
  if (words.length === 0) return null;
  const more = typeof value["more"] === "number" ? ` … +${value["more"]}` : "";
  return `${sign} ${words.map(String).join(", ")}${more}`;
}

/** Quiet hours, as a clock and a calendar say them. */
function timesOf(value: unknown): string | null {
  const times = Array.isArray(value) ? value.filter(isRecord) : [];
  if (times.length === 0 || !times.every((one) => "start" in one && "end" in one)) return null;
  return times.map((one) => `${String(one["start"])}–${String(one["end"])} (${(one["days"] as string[]).join(" ")})`).join(", ");
}

function shown(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (isRecord(value) && (Array.isArray(value["added"]) || Array.isArray(value["removed"]))) return listed(value);
  if (Array.isArray(value) && value.length === 0) return null;
  return typeof value === "string" ? value : (timesOf(value) ?? JSON.stringify(value));
}

/** The differences, field by field for objects; a value of another kind is one change without a field. */
export function changesOf(before: unknown, after: unknown): FieldChange[] {
  if (!isRecord(before) && !isRecord(after)) {
    const [from, to] = [shown(before), shown(after)];
    return from === to ? [] : [{ field: null, before: from, after: to }];
  }
  const [old, now] = [isRecord(before) ? before : {}, isRecord(after) ? after : {}];
  const fields = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return fields
    .map((field) => ({ field, before: shown(old[field]), after: shown(now[field]) }))
    .filter((change) => change.before !== change.after);
}
