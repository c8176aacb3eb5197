// The reasons that the site at hand lets moderators reject with: settings of the publisher, asked for once a site.
import { useEffect, useState } from "preact/hooks";
import type { Api } from "./api";

/** What a new site starts with; it stands in while the site's own list is on its way or did not come. */
const USUAL = ["abuse", "hate", "spam", "off_topic", "personal_data", "copyright", "other"];

export function useReasons(api: Api, site: string | null): string[] {
  const [known, setKnown] = useState<Record<string, string[]>>({});
  useEffect(() => {
    if (site === null || site in known) return;
    let wanted = true;
    api.rejectReasons(site).then(
      (reasons) => wanted && reasons.length > 0 && setKnown((all) => ({ ...all, [site]: reasons })),
      () => undefined,
    );
    return () => void (wanted = false);
  }, [api, site]);
  return (site === null ? undefined : known[site]) ?? USUAL;
}
