using System.Globalization;
using Crpbot.Messages;
using Crpbot.Reports;
using Crpbot.Risk;

namespace Crpbot.Backtest.Report;

/// <summary>A backtest as one HTML page.</summary>
public static class BacktestPage
{
    /// <summary>Trades of the list; the JSON document has all of them.</summary>
    private const int TradesShown = 500;

    public static string Render(BacktestReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        BacktestResult result = report.Result;
        var page = new HtmlPage($"Backtest of {report.Model} on bars", $"{report.Source}, {report.From} to {report.To}, rules {report.Limits.Name}");
        page.Notes(report.Warnings);
        AddFigures(page, report);
        AddEquity(page, result);
        AddChallenge(page, report);
        AddMonths(page, report);
        AddCounts(page, report);
        AddTrades(page, result);
        return page.ToString();
    }

    private static void AddFigures(HtmlPage page, BacktestReport report)
    {
        BacktestResult result = report.Result;
        PerformanceSummary p = report.Performance;
        page.Figures(
            ("net profit", Money(result.NetProfit.ToDouble()), result.NetProfit > Notional.Zero ? Tone.Good : Tone.Bad),
            ("fees and slippage", Money((report.Fees + report.Slippage).ToDouble()), Tone.Plain),
            ("trades", result.Trades.Count.ToString("N0", CultureInfo.InvariantCulture), Tone.Plain),
            ("win rate", Percent(p.WinRate), Tone.Plain),
            ("profit factor", Number(p.ProfitFactor), Tone.Plain),
            ("largest drawdown", Percent(result.MaxDrawdown), Tone.Plain),
            ("floor", result.BreachTime is null ? "held" : "broken", result.BreachTime is null ? Tone.Good : Tone.Bad));
        page.BeginTable("figure", "value");
        string interval = p.SharpeInterval is { } range ? $" ({Number(range.Low)} to {Number(range.High)})" : "";
        page.Row("Sharpe, 95 % interval", Number(p.Sharpe) + interval);
        page.Row($"deflated Sharpe, {p.Trials} trials", Percent(p.DeflatedSharpe));
        page.Row("Sortino", Number(p.Sortino));
        page.Row("Calmar", Number(p.Calmar));
        page.Row("exposure", Percent(p.Exposure));
        page.Row("worst daily loss", Percent(result.WorstDailyLoss));
        if (result.BreachTime is { } broken)
            page.Row("floor broken at", broken.ToString());
        page.EndTable();
    }

    private static void AddEquity(HtmlPage page, BacktestResult result)
    {
        double[] days = [.. result.Days.Select(day => PragueCalendar.DayStart(day.Day + 1).Value / 1e9)];
        double[] Of(Func<BacktestDay, Notional> value) => [.. result.Days.Select(day => value(day).ToDouble())];
        page.Heading("Equity");
        Series[] lines =
        [
            new("equity at the day's end", days, Of(day => day.EndEquity)), new("lowest of the day", days, Of(day => day.LowestEquity)),
            new("daily floor", days, Of(day => day.DailyFloor)), new("total floor", days, Of(day => day.TotalFloor)),
        ];
        page.Picture(new LineChart("day in Prague", "quote currency", lines) { XIsTime = true }.ToSvg());
        double peak = result.Initial.ToDouble();
        double[] drawdown = [.. result.Days.Select(day => -(1 - day.EndEquity.ToDouble() / (peak = Math.Max(peak, day.EndEquity.ToDouble()))) * 100)];
        page.Picture(new LineChart("day in Prague", "below the peak, %", [new("drawdown", days, drawdown)]) { XIsTime = true, Height = 200, Reference = 0 }.ToSvg(), "At the ends of days; the figure above looks at every minute.");
        page.Heading("Days");
        page.Picture(new LineChart("day in Prague", "profit and loss", [new("profit and loss", days, Of(day => day.Profit)), new("distance to the daily floor", days, Of(day => day.DailyFloor - day.StartBalance))])
            { XIsTime = true, Height = 240, Reference = 0 }.ToSvg());
    }

    private static void AddChallenge(HtmlPage page, BacktestReport report)
    {
        ChallengeSummary challenge = report.Challenge;
        page.Heading("Challenge");
        page.Paragraph("The phase with its profit target, begun again on many days. Attempts overlap: they are far fewer independent ones than it seems.");
        page.BeginTable("starts", "passed", "failed", "cut off by the end", "median days to the target", "worst daily loss");
        page.Row(
            Count(challenge.Starts), Count(challenge.Passed), Count(challenge.Failed), Count(challenge.Undecided), Number(challenge.MedianDays), Percent(challenge.WorstDailyLoss));
        page.EndTable();
    }

    private static void AddMonths(HtmlPage page, BacktestReport report)
    {
        page.Heading("Months");
        page.BeginTable("month", "return");
        foreach ((string month, double value) in report.Months)
            page.Row(value < 0 ? Tone.Bad : Tone.Good, month, Percent(value));
        page.EndTable();
    }

    private static void AddCounts(HtmlPage page, BacktestReport report)
    {
        BacktestResult result = report.Result;
        page.Heading("From predictions to orders");
        page.BeginTable("what", "count");
        foreach (BacktestSymbol symbol in report.Symbols)
            page.Row($"{symbol.Symbol}: bars, predictions", $"{Count(symbol.Bars)}, {Count(symbol.Statuses[(int)PredictionStatus.Ok])}");
        foreach (SignalTier tier in (SignalTier[])[SignalTier.Low, SignalTier.Medium, SignalTier.High])
            page.Row($"{tier} signals, held back by their hourly limit", $"{Count(result.Signals[(int)tier])}, {Count(result.Suppressed[(int)tier])}");
        for (int reason = 1; reason < RefusalReasons.Count; reason++)
        {
            if (result.Refusals[reason] > 0)
                page.Row($"refused: {(RefusalReason)reason}", Count(result.Refusals[reason]));
        }

        page.EndTable();
    }

    private static void AddTrades(HtmlPage page, BacktestResult result)
    {
        page.Heading("Trades");
        if (result.Trades.Count > TradesShown)
            page.Paragraph($"The first {TradesShown} of {Count(result.Trades.Count)}.");
        page.BeginTable("entry", "symbol", "side", "P(up)", "quantity", "price", "exit", "price", "by", "net");
        foreach (BacktestTrade trade in result.Trades.Take(TradesShown))
        {
            page.Row(
                Time(trade.EntryTime), trade.Instrument.Name, trade.Side == Side.Buy ? "buy" : "sell", Percent(trade.ProbabilityUp.Value),
                trade.Instrument.Format(trade.Quantity), trade.Instrument.Format(trade.EntryPrice), Time(trade.ExitTime), trade.Instrument.Format(trade.ExitPrice),
                trade.ExitPurpose.ToString(), Money(trade.Net.ToDouble()));
        }

        page.EndTable();
    }

    private static string Time(UnixNanos time) => time.ToDateTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Money(double value) => value.ToString("N2", CultureInfo.InvariantCulture);

    private static string Number(double? value) => value?.ToString("F2", CultureInfo.InvariantCulture) ?? "not defined";

    private static string Percent(double? value) => value is { } share ? (100 * share).ToString("F2", CultureInfo.InvariantCulture) + " %" : "not defined";
}
