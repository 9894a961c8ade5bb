import { loadEloquent, type Eloquent } from "eloquent-widget";
import { inject, type App, type InjectionKey } from "vue";

const KEY: InjectionKey<Eloquent> = Symbol("eloquent");

/** `createApp(App).use(chat).mount("#app")` */
export const chat = {
  install(app: App) {
    app.provide(KEY, loadEloquent({ agentId: "agt_…", server: "https://chat.example.com" }));
  },
};

/** In a component: `const eloquent = useEloquent()`, then `eloquent.open()` or `eloquent.identify({ token })`. */
export function useEloquent(): Eloquent {
  const eloquent = inject(KEY);
  if (!eloquent) throw new Error("app.use(chat) is missing");
  return eloquent;
}
