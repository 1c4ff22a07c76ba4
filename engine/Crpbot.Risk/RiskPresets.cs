using System.Diagnostics.CodeAnalysis;

namespace Crpbot.Risk;

/// <summary>Named limits whose numbers come from FTMO's own pages; a custom preset is a JSON file (<see cref="RiskLimits.Parse"/>).</summary>
public static class RiskPresets
{
    private const string Objectives = "ftmo.com: Trading Objectives, Maximum Daily Loss, Maximum Loss (read 2026); commission and contracts: Trading Update, 24 Jul 2025; leverage 1:3.3 from third-party pages";

    private const string Update = "FTMO Trading Update, 24 Jul 2025";

    /// <summary>FTMO's crypto contracts.</summary>
    public static IReadOnlyDictionary<string, ContractTerms> FtmoCrypto { get; } = new Dictionary<string, ContractTerms>
    {
        ["BTC"] = new(1m, 5m, Update),
        ["ETH"] = new(10m, 5m, Update),
        ["SOL"] = new(100m, 5m, "5 lots a trade: FTMO Trading Update, 24 Jul 2025, which lists SOLUSD without its contract; size 100 is assumed, read it in the terminal"),
    };

    /// <summary>FTMO Challenge of the 2-Step product: 5 % a day, 10 % in total, a fixed floor.</summary>
    public static RiskLimits Ftmo2Step { get; } = new() { Name = "ftmo-2step", Source = Objectives };

    /// <summary>FTMO 1-Step: 3 % a day, 10 % below the highest end-of-day balance. Its internal margins keep the 2-Step's proportions.</summary>
    public static RiskLimits Ftmo1Step { get; } = new()
    {
        Name = "ftmo-1step",
        Source = Objectives + "; the 1-Step daily formula's own page was not available: the 2-Step's form with 3 %",
        MaxDailyLoss = 0.03m,
        WarnDailyLoss = 0.024m,
        StopOpeningDailyLoss = 0.027m,
        TrailingTotalLoss = true,
        MinTradingDays = 0,
        BestDayShare = 0.5m,
    };

    public static IReadOnlyList<RiskLimits> All { get; } = [Ftmo2Step, Ftmo1Step];

    public static bool TryFind(string name, [NotNullWhen(true)] out RiskLimits? limits)
    {
        limits = null;
        foreach (RiskLimits preset in All)
        {
            if (preset.Name == name)
                limits = preset;
        }

        return limits is not null;
    }
}
