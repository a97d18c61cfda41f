// In place of an import of node:https, whose TLS takes 10 ms to load: a request to http needs none.
let https;
const load = () => {
  https ??= require('node:https');
  return https;
};

/** What the handler makes whether or not it will ask an https address. */
class Agent {
  #options;
  #agent;
  constructor(options) {
    this.#options = options;
  }
  get real() {
    this.#agent ??= new (load().Agent)(this.#options);
    return this.#agent;
  }
  destroy() {
    this.#agent?.destroy();
  }
}

export const node_https = {
  Agent,
  request: ({ agent, ...options }, listener) =>
    load().request({ ...options, agent: agent instanceof Agent ? agent.real : agent }, listener),
};
