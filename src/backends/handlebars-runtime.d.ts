/** The types of Handlebars's runtime, which its own package leaves out. */

declare module 'handlebars/runtime.js' {
  const runtime: {
    /** A function that runs a precompiled template on a view. */
    readonly template: (precompiled: object) => (view: object) => string;
  };
  export = runtime;
}
