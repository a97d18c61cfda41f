const template = 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx';

export const bindV4 = () => () => template.replace(/x/g, () => Math.floor(Math.random() * 16).toString(16));
