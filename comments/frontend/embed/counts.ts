// <span data-comment-count="12345">: all counts of a page with one request for each site (and each hundred articles),
// kept true afterwards by the threads on the page. A span may name its site as data-site.

const PER_REQUEST = 100;

const spans = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[data-comment-count]")];

const articleOf = (span: HTMLElement): string => span.dataset["commentCount"] ?? "";

async function ask(base: string, site: string, wanted: HTMLElement[]): Promise<void> {
  const articles = [...new Set(wanted.map(articleOf))];
  for (let from = 0; from < articles.length; from += PER_REQUEST) {
    const query = articles.slice(from, from + PER_REQUEST).map((article) => `article=${encodeURIComponent(article)}`).join("&");
    const response = await fetch(`${base}/api/v1/sites/${encodeURIComponent(site)}/counts?${query}`, { credentials: "omit" });
    if (!response.ok) return;
    const { counts } = await response.json() as { counts: Record<string, number> };
    for (const span of wanted) {
      const count = counts[articleOf(span)];
      if (count !== undefined) span.textContent = String(count);
    }
  }
}

export function fillCounts(base: string, site: string | undefined): void {
  const siteOf = (span: HTMLElement): string | undefined => span.dataset["site"] ?? site;
  const fill = (): void => {
    const all = spans();
    for (const key of new Set(all.map(siteOf))) {
      if (key) ask(base, key, all.filter((span) => siteOf(span) === key && articleOf(span))).catch(() => {});
    }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", fill);
  else fill();
  document.addEventListener("comments:count", (event) => {
    const { detail } = event as CustomEvent<{ site: string; article: string; total: number }>;
    for (const span of spans()) {
      if (siteOf(span) === detail.site && articleOf(span) === detail.article) span.textContent = String(detail.total);
    }
  });
}
