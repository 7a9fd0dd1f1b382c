/** Reads what vipc wrote into the page, or requests it from the server of the page. */

import type { ReportHead, ServiceDetail } from '../../src/report/types.js';

/** What the page needs at once. */
export function readHead(): ReportHead {
  return JSON.parse(document.getElementById('head')?.textContent ?? '{}');
}

/** Everything about one Service; `undefined`: there is none of that name. */
export async function readDetail(
  { services, partSize }: ReportHead,
  name: string,
): Promise<ServiceDetail | undefined> {
  const index = services.findIndex(([other]) => other === name);
  if (index < 0) return undefined;
  if (partSize === 0) return fetchDetail(name);
  await wholePage();
  const parts = document.querySelectorAll('script.part');
  const text = await unpacked(parts[Math.floor(index / partSize)]?.textContent ?? '');
  return JSON.parse(text)[index % partSize];
}

/** The details stand behind the script, so that the table need not wait for them. */
async function wholePage(): Promise<void> {
  if (document.readyState !== 'loading') return;
  await new Promise((resolve) =>
    document.addEventListener('DOMContentLoaded', resolve, { once: true }),
  );
}

async function fetchDetail(name: string): Promise<ServiceDetail | undefined> {
  const answer = await fetch(`service?name=${encodeURIComponent(name)}`);
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`the agent answers ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

/** The text of raw deflate in base64. */
function unpacked(base64: string): Promise<string> {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(inflated).text();
}
