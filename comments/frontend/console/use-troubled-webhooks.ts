// How many of the site's webhooks take nothing, or were switched off for it: administrators see it in the navigation,
// wherever they are. Looked at when the console opens, when its page is gone to or left, and now and then.
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./desk";

const EVERY = 300_000;

export function useTroubledWebhooks(may: boolean, there: boolean): number {
  const { api, site } = useDesk();
  const [troubled, setTroubled] = useState(0);
  useEffect(() => {
    if (!may) return setTroubled(0);
    let gone = false;
    const look = (): void => {
      api.webhooks(site.key).then(
        ({ webhooks }) => {
          const bad = webhooks.filter((one) => (one.enabled ? one.failing_since !== null : one.off_reason !== "hand"));
          if (!gone) setTroubled(bad.length);
        },
        () => undefined, // as it was: whoever goes there sees why
      );
    };
    look();
    const timer = setInterval(look, EVERY);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [site.key, may, there]);
  return troubled;
}
