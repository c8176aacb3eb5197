// Above a queue's list: in which order it stands, and what it is sifted by. What is chosen stands in the address.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./desk";
import { Icon } from "./icons";
import type { QueueName } from "./router";
import { AGES, filtersOf, ORDERS } from "./sift";
import type { Sift, SiftName } from "./sift";
import type { Menus } from "./types";
import { languageName, many, ruleName, t } from "./words";

const NO_MENUS: Menus = { sections: [], languages: [], rules: [] };

interface ChoiceProps {
  name: SiftName;
  value: string;
  choices: [value: string, text: string][];
  onChoose: (name: SiftName, value: string) => void;
}

function Choice({ name, value, choices, onChoose }: ChoiceProps): JSX.Element {
  // What stands in the address is shown although it was not seen lately.
  const known = value === "" || choices.some(([one]) => one === value);
  return (
    <label class="sifter">
      <span>{t(`console.filters.${name}`)}</span>
      <select value={value} onChange={(event) => onChoose(name, event.currentTarget.value)}>
        <option value="">{t("console.filters.any")}</option>
        {!known && <option value={value}>{value}</option>}
        {choices.map(([one, text]) => <option key={one} value={one}>{text}</option>)}
      </select>
    </label>
  );
}

function ArticleField({ value, onChoose }: { value: string; onChoose: ChoiceProps["onChoose"] }): JSX.Element {
  return (
    <label class="sifter">
      <span>{t("console.filters.article")}</span>
      <input
        key={value}
        type="text"
        defaultValue={value}
        placeholder={t("console.filters.article_hint")}
        onChange={(event) => onChoose("article", event.currentTarget.value.trim())}
      />
    </label>
  );
}

interface FilterBarProps {
  queue: QueueName;
  sift: Sift;
  onSift: (sift: Sift) => void;
}

function useMenus(wanted: boolean): Menus {
  const { api, site } = useDesk();
  const [menus, setMenus] = useState(NO_MENUS);
  useEffect(() => {
    if (!wanted) return;
    // Without them the filters in the address still hold.
    api.menus(site.key).then(setMenus, () => undefined);
  }, [api, site.key, wanted]);
  return menus;
}

export function FilterBar({ queue, sift, onSift }: FilterBarProps): JSX.Element {
  const set = filtersOf(sift);
  const [open, setOpen] = useState(set > 0);
  const menus = useMenus(open);
  const orders = ORDERS.filter((order) => queue !== "appeals" || order !== "risk");
  const choose = (name: SiftName, value: string): void => {
    const { [name]: _before, ...rest } = sift;
    onSift(value === "" ? rest : { ...rest, [name]: value });
  };
  const clear = (): void => onSift(sift.order === undefined ? {} : { order: sift.order });
  return (
    <div class="filters" role="group" aria-label={t("console.filters")}>
      <div class="filters-line">
        <select
          class="order"
          aria-label={t("console.filters.order")}
          value={sift.order ?? "oldest"}
          onChange={(event) => choose("order", event.currentTarget.value === "oldest" ? "" : event.currentTarget.value)}
        >
          {orders.map((order) => <option key={order} value={order}>{t(`console.order.${order}`)}</option>)}
        </select>
        <button type="button" class="button small filters-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name="filter" />
          {set === 0 ? t("console.filters") : many("console.filters.set", set)}
        </button>
      </div>
      {open && (
        <div class="sifters">
          <Choice name="section" value={sift.section ?? ""} choices={menus.sections.map((one) => [one, one])} onChoose={choose} />
          <Choice name="rule" value={sift.rule ?? ""} choices={menus.rules.map((one) => [one, ruleName(one)])} onChoose={choose} />
          <Choice name="language" value={sift.language ?? ""} choices={menus.languages.map((one) => [one, languageName(one)])} onChoose={choose} />
          <Choice name="age" value={sift.age ?? ""} choices={AGES.map((one) => [one, t(`console.age.${one}`)])} onChoose={choose} />
          <ArticleField value={sift.article ?? ""} onChoose={choose} />
          <label class="check">
            <input type="checkbox" checked={sift.second_opinion === "1"} onChange={(event) => choose("second_opinion", event.currentTarget.checked ? "1" : "")} />
            {t("console.filters.second_opinion")}
          </label>
          {sift.author !== undefined && (
            <button type="button" class="button small" onClick={() => choose("author", "")}>
              <Icon name="cross" />{t("console.filters.author")}
            </button>
          )}
          {set > 0 && <button type="button" class="button small plain filters-clear" onClick={clear}>{t("console.filters.clear")}</button>}
        </div>
      )}
    </div>
  );
}
