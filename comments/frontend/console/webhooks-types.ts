// What the API of webhooks gives; see http/schemas_webhooks.py.

export interface Webhook {
  id: string;
  url: string;
  description: string | null;
  /** None: all. */
  events: string[];
  enabled: boolean;
  off_reason: "hand" | "gone" | "failing" | null;
  failing_since: string | null;
  resting_until: string | null;
  delivered_at: string | null;
  created_at: string;
  old_secrets: { until: string }[];
}

export interface Webhooks {
  webhooks: Webhook[];
  types: { type: string; about: string }[];
}

export interface ShownSecret {
  webhook: Webhook;
  secret: string;
}

export const STATES = ["waiting", "delivered", "failed", "dropped"] as const;
export type DeliveryState = (typeof STATES)[number];

export interface Delivery {
  id: string;
  message: string;
  type: string;
  state: DeliveryState;
  attempts: number;
  status: number | null;
  error: string | null;
  created_at: string;
  next_at: string | null;
  ended_at: string | null;
}

export interface Attempt {
  at: string;
  status: number | null;
  took_ms: number;
  excerpt: string | null;
  error: string | null;
}

export interface WholeDelivery {
  delivery: Delivery;
  payload: unknown;
  tries: Attempt[];
}

export interface WebhookForm {
  url: string;
  description: string | null;
  events: string[];
}

export interface LogFilter {
  state: string;
  type: string;
}
