// What the shop's page runs, bundled by esbuild: the browser clients on `window`, as a site would have them.
import { AnalyticsBrowser } from "@segment/analytics-next";
import { RudderAnalytics } from "@rudderstack/analytics-js/bundled";

window.segment = async ({ key, address, options }) => {
  const [client] = await AnalyticsBrowser.load({ writeKey: key, cdnURL: address }, options);
  return client;
};
window.rudder = ({ key, address, options }) =>
  new Promise((resolve) => {
    const client = new RudderAnalytics();
    client.load(key, address, { configUrl: address, logLevel: "ERROR", ...options });
    client.ready(() => resolve(client));
  });
window.segmentSays = async (client, { traits, properties, context, group, page, screen }) => {
  const options = { context };
  await client.identify("user-1", traits, options);
  await client.track("Product Viewed", properties, options);
  await client.page("Shop", "Robe", page, options);
  await client.screen("Shop", "Robe", screen, options);
  await client.group("group-1", group, options);
  await client.alias("user-1", "old-1", options);
};
window.rudderSays = (client, { traits, properties, context, group, page }) => {
  const options = { context };
  client.identify("user-1", traits, options);
  client.track("Product Viewed", properties, options);
  client.page("Shop", "Robe", page, options);
  client.group("group-1", group, options);
  client.alias("user-1", "old-1", options);
};
