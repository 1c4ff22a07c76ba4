using System.Text.Json;
using System.Text.Json.Nodes;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Backtest.Report;

/// <summary>A backtest as one JSON document. Rates are fractions, money is exact quote currency, prices are decimal text; what is not defined is null.</summary>
public static class BacktestJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Write(BacktestReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        BacktestResult result = report.Result;
        PerformanceSummary performance = report.Performance;
        return new JsonObject
        {
            ["engine"] = "bars",
            ["model"] = report.Model,
            ["source"] = report.Source,
            ["from"] = report.From.ToString(),
            ["to"] = report.To.ToString(),
            ["rules"] = report.Limits.Name,
            ["feesBps"] = (double)(report.Limits.CommissionPerSide * 10_000),
            ["slippageBps"] = (double)(report.Options.Slippage * 10_000),
            ["spreadBps"] = (double)(report.Options.StatedSpread * 10_000),
            ["initial"] = result.Initial.ToDecimal(),
            ["finalEquity"] = result.FinalEquity.ToDecimal(),
            ["trades"] = result.Trades.Count,
            ["winRate"] = performance.WinRate,
            ["profitFactor"] = performance.ProfitFactor,
            ["grossPnl"] = report.Gross.ToDecimal(),
            ["netPnl"] = result.NetProfit.ToDecimal(),
            ["netPerTrade"] = result.Trades.Count == 0 ? null : result.NetProfit.ToDouble() / result.Trades.Count,
            ["fees"] = report.Fees.ToDecimal(),
            ["slippage"] = report.Slippage.ToDecimal(),
            ["maxDrawdown"] = result.MaxDrawdown,
            ["worstDailyLoss"] = result.WorstDailyLoss,
            ["sharpe"] = performance.Sharpe,
            ["sharpeInterval"] = performance.SharpeInterval is { } interval ? new JsonArray(interval.Low, interval.High) : null,
            ["sortino"] = performance.Sortino,
            ["calmar"] = performance.Calmar,
            ["deflatedSharpe"] = performance.DeflatedSharpe,
            ["trials"] = performance.Trials,
            ["exposure"] = performance.Exposure,
            ["tradingDays"] = result.TradingDays,
            ["breached"] = result.BreachTime is not null,
            ["breachTime"] = result.BreachTime?.ToString(),
            ["challenge"] = ToJson(report.Challenge),
            ["signals"] = Tiers(result.Signals),
            ["suppressed"] = Tiers(result.Suppressed),
            ["refusals"] = Refusals(result),
            ["symbols"] = Symbols(report),
            ["months"] = new JsonArray([.. report.Months.Select(month => (JsonNode)new JsonObject { ["month"] = month.Month, ["return"] = month.Return })]),
            ["days"] = new JsonArray([.. result.Days.Select(day => (JsonNode)ToJson(day))]),
            ["tradeList"] = new JsonArray([.. result.Trades.Select(trade => (JsonNode)ToJson(trade))]),
            ["warnings"] = new JsonArray([.. report.Warnings.Select(warning => (JsonNode)warning)]),
        }.ToJsonString(Indented);
    }

    private static JsonObject ToJson(ChallengeSummary challenge) => new()
    {
        ["starts"] = challenge.Starts,
        ["passed"] = challenge.Passed,
        ["failed"] = challenge.Failed,
        ["undecided"] = challenge.Undecided,
        ["medianDays"] = challenge.MedianDays,
        ["worstDailyLoss"] = challenge.WorstDailyLoss,
    };

    private static JsonObject Tiers(IReadOnlyList<long> counts) => new()
    {
        ["low"] = counts[(int)SignalTier.Low],
        ["medium"] = counts[(int)SignalTier.Medium],
        ["high"] = counts[(int)SignalTier.High],
    };

    private static JsonObject Refusals(BacktestResult result)
    {
        var refusals = new JsonObject();
        for (int reason = 1; reason < RefusalReasons.Count; reason++)
        {
            if (result.Refusals[reason] > 0)
                refusals[((RefusalReason)reason).ToString()] = result.Refusals[reason];
        }

        return refusals;
    }

    private static JsonObject Symbols(BacktestReport report)
    {
        var symbols = new JsonObject();
        foreach (BacktestSymbol symbol in report.Symbols)
        {
            var statuses = new JsonObject();
            foreach (PredictionStatus status in Enum.GetValues<PredictionStatus>())
                statuses[JsonNamingPolicy.CamelCase.ConvertName(status.ToString())] = symbol.Statuses[(int)status];
            symbols[symbol.Symbol] = new JsonObject { ["bars"] = symbol.Bars, ["skipped"] = symbol.Skipped, ["predictions"] = statuses };
        }

        return symbols;
    }

    private static JsonObject ToJson(BacktestDay day) => new()
    {
        ["date"] = FormattableString.Invariant($"{day.Date:yyyy-MM-dd}"),
        ["pnl"] = day.Profit.ToDecimal(),
        ["startBalance"] = day.StartBalance.ToDecimal(),
        ["equity"] = day.EndEquity.ToDecimal(),
        ["lowestEquity"] = day.LowestEquity.ToDecimal(),
        ["dailyFloor"] = day.DailyFloor.ToDecimal(),
        ["totalFloor"] = day.TotalFloor.ToDecimal(),
        ["opened"] = day.Opened,
        ["costs"] = day.Costs.ToDecimal(),
    };

    private static JsonObject ToJson(BacktestTrade trade) => new()
    {
        ["symbol"] = trade.Instrument.Name,
        ["side"] = trade.Side == Side.Buy ? "buy" : "sell",
        ["tier"] = JsonNamingPolicy.CamelCase.ConvertName(trade.Tier.ToString()),
        ["probabilityUp"] = trade.ProbabilityUp.Value,
        ["quantity"] = trade.Instrument.Format(trade.Quantity),
        ["entryTime"] = trade.EntryTime.ToString(),
        ["entryPrice"] = trade.Instrument.Format(trade.EntryPrice),
        ["stop"] = trade.Instrument.Format(trade.Stop),
        ["target"] = trade.Instrument.Format(trade.Target),
        ["exitTime"] = trade.ExitTime.ToString(),
        ["exitPrice"] = trade.Instrument.Format(trade.ExitPrice),
        ["exit"] = JsonNamingPolicy.CamelCase.ConvertName(trade.ExitPurpose.ToString()),
        ["gross"] = trade.Gross.ToDecimal(),
        ["fees"] = trade.Fees.ToDecimal(),
        ["slippage"] = trade.Slippage.ToDecimal(),
        ["net"] = trade.Net.ToDecimal(),
    };
}
