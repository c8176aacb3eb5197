// The calls about webhooks, on the session that api.ts holds.
import { seg } from "./calls";
import type { Send } from "./calls";
import type { Delivery, LogFilter, ShownSecret, Webhook, WebhookForm, Webhooks, WholeDelivery } from "./webhooks-types";

export function webhookCalls(send: Send) {
  const one = (site: string, id: string): string => `/sites/${seg(site)}/webhooks/${seg(id)}`;
  return {
    webhooks: (site: string): Promise<Webhooks> => send(`/sites/${seg(site)}/webhooks`),
    addWebhook: (site: string, body: WebhookForm): Promise<ShownSecret> => send(`/sites/${seg(site)}/webhooks`, { method: "POST", body }),
    changeWebhook: (site: string, id: string, body: Partial<WebhookForm & { enabled: boolean }>): Promise<Webhook> =>
      send(one(site, id), { method: "PATCH", body }),
    removeWebhook: (site: string, id: string): Promise<void> => send(one(site, id), { method: "DELETE" }),
    rotateSecret: (site: string, id: string, overlap_hours: number): Promise<ShownSecret> =>
      send(`${one(site, id)}/secret`, { method: "POST", body: { overlap_hours } }),
    /** The delivery to look for. */
    testWebhook: async (site: string, id: string): Promise<string> =>
      (await send<{ delivery: string }>(`${one(site, id)}/test`, { method: "POST" })).delivery,
    deliveries: (
      site: string, id: string, filter: LogFilter, cursor: string | null, signal: AbortSignal,
    ): Promise<{ deliveries: Delivery[]; next_cursor: string | null }> =>
      send(`${one(site, id)}/deliveries`, { query: { ...filter, cursor }, signal }),
    delivery: (site: string, id: string, delivery: string): Promise<WholeDelivery> => send(`${one(site, id)}/deliveries/${seg(delivery)}`),
    replay: (site: string, id: string, delivery: string): Promise<void> =>
      send(`${one(site, id)}/deliveries/${seg(delivery)}/replay`, { method: "POST" }),
    replayFailed: (site: string, id: string, since: string): Promise<{ replayed: number; more: boolean }> =>
      send(`${one(site, id)}/replay`, { method: "POST", body: { since } }),
  };
}
