// live.js: the socket and the catch-up; loaded after the first page shows.
export const live = true;
