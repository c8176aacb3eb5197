// People's words: one flat object a language, `{name}` placeholders, plurals as key suffixes by Intl.PluralRules.
// Widget and console make their own `Words` with the texts that they loaded; English stands in for what is missing.

export type Texts = Record<string, string>;
export type Params = Record<string, unknown>;

export interface Words {
  language: string;
  /** The text of a key, with its placeholders filled; the key itself when nobody wrote a text. */
  t: (key: string, params?: Params) => string;
  /** The same for a number: `key.one`, `key.other`, … ; `{n}` is the number as the language writes it. */
  n: (key: string, n: number, params?: Params) => string;
  /** The text, or nothing when there is none. */
  find: (key: string, params?: Params) => string | undefined;
  number: (n: number) => string;
  add: (texts?: Texts) => void;
}

const own = (texts: Texts, key: string): string | undefined => (Object.hasOwn(texts, key) ? texts[key] : undefined);

const shown = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(", ") : String(value ?? ""));

export function fill(text: string, params: Params = {}): string {
  return text.replace(/\{(\w+)\}/g, (all, name: string) => (Object.hasOwn(params, name) ? shown(params[name]) : all));
}

/** `texts` in the language win over `english`; what is added later (a chunk's English texts) never replaces either. */
export function createWords(language: string, english: Texts, texts: Texts = {}): Words {
  let all: Texts = { ...english, ...texts };
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  const find = (key: string, params?: Params): string | undefined => {
    const text = own(all, key);
    return text === undefined ? undefined : fill(text, params);
  };
  const t = (key: string, params?: Params): string => find(key, params) ?? key;
  return {
    language, find, t,
    n: (key, n, params) => {
      const given = { n: numbers.format(n), ...params };
      return find(`${key}.${plurals.select(n)}`, given) ?? t(`${key}.other`, given);
    },
    number: (n) => numbers.format(n),
    add: (more) => {
      all = { ...more, ...all };
    },
  };
}

const RIGHT_TO_LEFT = /^(ar|dv|fa|he|ku-arab|ps|sd|ug|ur|yi)\b/i;

export const directionOf = (language: string): "rtl" | "ltr" => (RIGHT_TO_LEFT.test(language) ? "rtl" : "ltr");
