// What a dashboard of a service may be: Grafana's own types, which leave open what is in a panel,
// with those of the panels that a service has.
import type { FieldConfigSource, Dashboard, Panel } from "@grafana/schema/dist/types/raw/dashboard/x/types.gen";
import type * as logs from "@grafana/schema/dist/types/raw/composable/logs/panelcfg/x/types.gen";
import type * as stat from "@grafana/schema/dist/types/raw/composable/stat/panelcfg/x/types.gen";
import type * as table from "@grafana/schema/dist/types/raw/composable/table/panelcfg/x/types.gen";
import type * as timeseries from "@grafana/schema/dist/types/raw/composable/timeseries/panelcfg/x/types.gen";

interface Query {
  refId: string;
  expr: string;
  legendFormat?: string;
  exemplar?: boolean;
  instant?: boolean;
  range?: boolean;
  format?: "table";
}

interface Shown<Type extends string, Options, Custom>
  extends Pick<Panel, "description" | "transformations"> {
  id: number;
  type: Type;
  title: string;
  gridPos: Required<Pick<NonNullable<Panel["gridPos"]>, "x" | "y" | "w" | "h">>;
  datasource: Required<NonNullable<Panel["datasource"]>>;
  options?: Partial<Options>;
  fieldConfig?: {
    defaults: Omit<FieldConfigSource["defaults"], "custom"> & { custom?: Partial<Custom> };
    overrides: FieldConfigSource["overrides"];
  };
  targets: Query[];
}

export interface Checked extends Omit<Dashboard, "panels"> {
  uid: string;
  title: string;
  panels: (
    | Shown<"logs", logs.Options, {}>
    | Shown<"stat", stat.Options, {}>
    | Shown<"table", table.Options, {}>
    | Shown<"timeseries", timeseries.Options, timeseries.FieldConfig>
  )[];
}
