import { EloquentWidget } from "eloquent-widget/react";
import type { ReactNode } from "react";

import { session } from "./session"; // your site's own log-in

export default async function RootLayout({ children }: { children: ReactNode }) {
  const user = await session();
  return (
    <html lang="en">
      <body>
        {children}
        <EloquentWidget
          agentId="agt_…"
          server="https://chat.example.com"
          token={user ? await user.eloquentToken() : null}
        />
      </body>
    </html>
  );
}
