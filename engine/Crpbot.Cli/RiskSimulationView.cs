using System.Globalization;
using System.Text;
using System.Text.Json;
using Crpbot.Messages;
using Crpbot.Reports;
using Crpbot.Risk;

namespace Crpbot.Cli;

/// <summary>A <see cref="RiskSimulation"/> for scripts, for the terminal and for a browser.</summary>
internal static class RiskSimulationView
{
    private const int MostPoints = 3000;

    /// <summary>One document; amounts are exact decimal numbers, what there was no breach for is null.</summary>
    public static string ToJson(RiskSimulation simulation)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            FloorBreach? breach = simulation.Breach;
            writer.WriteStartObject();
            writer.WriteString("rules", simulation.Limits.Name);
            Write(writer, "initial", Notional.FromDecimal(simulation.Limits.InitialCapital));
            writer.WriteBoolean("breached", breach is not null);
            writer.WriteString("kind", breach is null ? null : KindOf(breach));
            writer.WriteString("time", breach is null ? null : TimeOf(breach.Time));
            Write(writer, "floor", breach?.Floor);
            Write(writer, "equity", breach?.Equity);
            writer.WriteStartArray("days");
            foreach (SimulatedDay day in simulation.Days)
            {
                writer.WriteStartObject();
                writer.WriteString("date", DateOf(day));
                writer.WriteString("start", TimeOf(day.Start));
                Write(writer, "startBalance", day.StartBalance);
                Write(writer, "dailyFloor", day.DailyFloor);
                Write(writer, "totalFloor", day.TotalFloor);
                writer.WriteNumber("rows", day.Points);
                Write(writer, "lowestEquity", day.LowestEquity);
                Write(writer, "endBalance", day.EndBalance);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    public static string Text(RiskSimulation simulation)
    {
        var text = new StringBuilder();
        Append("day", "rows", "start balance", "daily floor", "total floor", "lowest equity", "end balance");
        foreach (SimulatedDay day in simulation.Days)
            Append(DateOf(day), Text(day.Points), Text(day.StartBalance), Text(day.DailyFloor), Text(day.TotalFloor), Text(day.LowestEquity), Text(day.EndBalance));
        return text.AppendLine().Append(Verdict(simulation)).ToString();

        void Append(string date, string rows, params ReadOnlySpan<string> amounts)
        {
            text.Append(CultureInfo.InvariantCulture, $"{date,-10} {rows,8}");
            foreach (string amount in amounts)
                text.Append(CultureInfo.InvariantCulture, $" {amount,16}");
            text.AppendLine();
        }
    }

    /// <param name="name">Of the file, for the title.</param>
    /// <param name="points">What was judged.</param>
    public static string Page(string name, RiskSimulation simulation, IReadOnlyList<EquityPoint> points)
    {
        (FloorBreach? breach, IReadOnlyList<SimulatedDay> days) = (simulation.Breach, simulation.Days);
        Tone tone = breach is null ? Tone.Good : Tone.Bad;
        string span = $"{Text(points.Count)} rows from {TimeOf(points[0].Time)} to {TimeOf(points[^1].Time)}";
        var page = new HtmlPage($"{name} under {simulation.Limits.Name}", $"{span}; source of the rules: {simulation.Limits.Source}");
        page.Figures(
            ("verdict", breach is null ? "not breached" : $"{KindOf(breach)} floor broken", tone),
            ("initial capital", Text(Notional.FromDecimal(simulation.Limits.InitialCapital)), Tone.Plain),
            ("last balance", Text(days[^1].EndBalance), Tone.Plain),
            ("days in Prague", Text(days.Count), Tone.Plain));
        page.Paragraph(Verdict(simulation), tone).Heading("Equity against the floors")
            .Picture(Chart(days, points).ToSvg(), "The floors step at midnight in Prague. Between two rows nothing is known of equity.");
        page.Heading("Days").BeginTable("day", "midnight (UTC)", "rows", "start balance", "daily floor", "total floor", "lowest equity", "end balance");
        foreach (SimulatedDay day in days)
        {
            bool isBroken = day.LowestEquity is { } lowest && (lowest < day.DailyFloor || lowest < day.TotalFloor);
            page.Row(isBroken ? Tone.Bad : Tone.Plain, DateOf(day), TimeOf(day.Start), Text(day.Points), Text(day.StartBalance),
                Text(day.DailyFloor), Text(day.TotalFloor), Text(day.LowestEquity), Text(day.EndBalance));
        }

        return page.EndTable().ToString();
    }

    private static LineChart Chart(IReadOnlyList<SimulatedDay> days, IReadOnlyList<EquityPoint> points)
    {
        EquityPoint[] drawn = [.. Thin(points)];
        var times = new List<double>();
        List<double> daily = [], total = [];
        for (int i = 0; i < days.Count; i++)
        {
            times.Add(Seconds(i == 0 ? points[0].Time : days[i].Start));
            times.Add(Seconds(i == days.Count - 1 ? points[^1].Time : days[i + 1].Start));
            daily.AddRange([days[i].DailyFloor.ToDouble(), days[i].DailyFloor.ToDouble()]);
            total.AddRange([days[i].TotalFloor.ToDouble(), days[i].TotalFloor.ToDouble()]);
        }

        var equity = new Series("equity", [.. drawn.Select(point => Seconds(point.Time))], [.. drawn.Select(point => point.Equity.ToDouble())]);
        return new LineChart("time (UTC)", "amount", [equity, new Series("daily floor", times, daily), new Series("total floor", times, total)]) { XIsTime = true };
    }

    /// <summary>Of every stretch of points its lowest and its highest equity, so that no breach is lost from the picture.</summary>
    private static IEnumerable<EquityPoint> Thin(IReadOnlyList<EquityPoint> points)
    {
        if (points.Count <= MostPoints)
            return points;
        return points.Chunk(2 * points.Count / MostPoints + 1)
            .SelectMany(chunk => new[] { chunk.MinBy(point => point.Equity), chunk.MaxBy(point => point.Equity) }.OrderBy(point => point.Time));
    }

    private static string Verdict(RiskSimulation simulation) => simulation.Breach is { } breach
        ? $"breached: equity {breach.Equity} is below the {KindOf(breach)} floor {breach.Floor} at {TimeOf(breach.Time)}"
        : $"not breached: equity never stood below a floor of {simulation.Limits.Name}";

    private static void Write(Utf8JsonWriter writer, string name, Notional? amount)
    {
        writer.WritePropertyName(name);
        if (amount is { } known)
            writer.WriteRawValue(known.ToString());
        else
            writer.WriteNullValue();
    }

    private static string Text(Notional? amount) => amount?.ToString() ?? "";

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static double Seconds(UnixNanos time) => time.Value / (double)UnixNanos.PerSecond;

    private static string KindOf(FloorBreach breach) => breach.Kind == FloorKind.Daily ? "daily" : "total";

    private static string DateOf(SimulatedDay day) => day.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>ISO 8601, as many fraction digits as the instant has.</summary>
    private static string TimeOf(UnixNanos time) => time.ToString().TrimEnd('Z').TrimEnd('0').TrimEnd('.') + "Z";
}
