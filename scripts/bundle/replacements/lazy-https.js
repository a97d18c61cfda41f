// Replaces an import of node:https, which takes 10 ms to load because of TLS: an http request does not need it.
let https;
const load = () => {
  https ??= require('node:https');
  return https;
};

/** The handler creates this agent even if it never makes an https request. */
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
