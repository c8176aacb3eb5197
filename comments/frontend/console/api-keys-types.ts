// What the calls about keys of the publishers' API answer. Types only.
export const SCOPES = ["read", "moderate", "manage"] as const;
export type Scope = (typeof SCOPES)[number];

export interface ApiKey {
  id: string;
  name: string;
  /** Its first characters, to recognise it by. */
  prefix: string;
  scopes: Scope[];
  state: "counts" | "expired" | "revoked";
  /** Who made it; null: the command line. */
  by: string | null;
  created_at: string;
  expires_at: string | null;
  used_at: string | null;
  revoked_at: string | null;
}

export interface NewApiKey {
  name: string;
  scopes: Scope[];
  expires_at: string | null;
}

/** `key` is shown this once. */
export interface MadeApiKey {
  api_key: ApiKey;
  key: string;
}

export interface ApiKeysList {
  api_keys: ApiKey[];
  next_cursor: string | null;
}
