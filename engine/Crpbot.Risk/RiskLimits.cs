using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crpbot.Risk;

/// <summary>A venue's contract of one base currency.</summary>
/// <param name="Size">Base currency in one contract lot.</param>
/// <param name="MaxLots">The most contract lots in one trade.</param>
/// <param name="Source">Where the two numbers come from, with its date; says so when one is assumed.</param>
public sealed record ContractTerms(decimal Size, decimal MaxLots, string Source);

/// <summary>What an account may never exceed, and the internal limits inside it. Fractions are of the initial capital unless said otherwise.</summary>
/// <remarks>Immutable; <see cref="Validate"/> is called by everyone who takes one. Presets and their sources: <see cref="RiskPresets"/>.</remarks>
public sealed record RiskLimits
{
    // Reflection, not generated code: a generated reader sets every init member and so loses the defaults of those the file leaves out.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    public required string Name { get; init; }

    /// <summary>Where the venue's numbers come from, with dates.</summary>
    public required string Source { get; init; }

    /// <summary>In quote currency. Every loss limit is a fraction of this, not of the current balance.</summary>
    public decimal InitialCapital { get; init; } = 100_000m;

    /// <summary>Daily floor = balance at the last midnight in Prague − this × initial.</summary>
    public decimal MaxDailyLoss { get; init; } = 0.05m;

    /// <summary>Total floor = initial (or the highest end-of-day balance, when trailing) − this × initial.</summary>
    public decimal MaxTotalLoss { get; init; } = 0.10m;

    /// <summary>The total floor rises with the highest end-of-day balance.</summary>
    public bool TrailingTotalLoss { get; init; }

    /// <summary>Profit at which the phase is won; 0 means there is none.</summary>
    public decimal ProfitTarget { get; init; } = 0.10m;

    /// <summary>Days in which a position must have been opened.</summary>
    public int MinTradingDays { get; init; } = 4;

    /// <summary>Best day's share of the profit, of the days that ended in profit; 1 means there is no rule. Reported, never enforced.</summary>
    public decimal BestDayShare { get; init; } = 1m;

    public decimal WarnDailyLoss { get; init; } = 0.04m;

    public decimal WarnTotalLoss { get; init; } = 0.08m;

    /// <summary>From this loss on nothing is opened until the next day.</summary>
    public decimal StopOpeningDailyLoss { get; init; } = 0.045m;

    public decimal StopOpeningTotalLoss { get; init; } = 0.09m;

    /// <summary>Everything is closed when equity is within this of a floor.</summary>
    public decimal EmergencyMargin { get; init; } = 0.0025m;

    /// <summary>This long before midnight the floor that midnight sets counts for the emergency as well.</summary>
    public int ResetGuardSeconds { get; init; } = 300;

    /// <summary>Risk to the stop of one trade, a fraction of the smaller of initial capital and equity.</summary>
    public decimal RiskPerTrade { get; init; } = 0.01m;

    /// <summary>Gross value of all positions over equity.</summary>
    public decimal MaxLeverage { get; init; } = 3.3m;

    /// <summary>Commission of one side, a fraction of its value.</summary>
    public decimal CommissionPerSide { get; init; } = 0.000325m;

    /// <summary>Commissions of one day, those still to pay included.</summary>
    public decimal DailyCostBudget { get; init; } = 0.015m;

    /// <summary>Opening orders in any 3,600 s of event time.</summary>
    public int MaxOrdersPerHour { get; init; } = 15;

    /// <summary>Opening orders from midnight to midnight.</summary>
    public int MaxOrdersPerDay { get; init; } = 100;

    /// <summary>A decision older than this is no longer acted on.</summary>
    public int MaxSignalAgeSeconds { get; init; } = 5;

    /// <summary>Silence after which a channel's state is unknown, where the venue sends heartbeats.</summary>
    public int QuietSecondsWithHeartbeats { get; init; } = 5;

    /// <summary>The same where it sends none.</summary>
    public int QuietSeconds { get; init; } = 60;

    /// <summary>Distance of the touch from the decision's price, a fraction of that price.</summary>
    public decimal MaxPriceDeviation { get; init; } = 0.01m;

    /// <summary>Nothing is opened or closed this long before and after an instant of <see cref="News"/>.</summary>
    public int NewsBlackoutSeconds { get; init; } = 120;

    /// <summary>Instants of selected news, UTC; empty means no blackout.</summary>
    public IReadOnlyList<DateTime> News { get; init; } = [];

    /// <summary>By base currency: <c>BTC</c> is the contract of <c>BTC-USD</c> and of <c>BTCUSDT</c>.</summary>
    public IReadOnlyDictionary<string, ContractTerms> Contracts { get; init; } = RiskPresets.FtmoCrypto;

    /// <summary>Reads limits from JSON; keys as the members, in camel case.</summary>
    /// <exception cref="InvalidDataException">Not JSON, an unknown key, or a value out of range.</exception>
    public static RiskLimits Parse(ReadOnlySpan<byte> utf8Json)
    {
        try
        {
            RiskLimits limits = JsonSerializer.Deserialize<RiskLimits>(utf8Json, Json) ?? throw new InvalidDataException("risk limits: null");
            limits.Validate();
            return limits;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"risk limits: {e.Message}", e);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>The contract of a symbol's base currency, or null.</summary>
    public ContractTerms? ContractOf(string symbol)
    {
        ArgumentNullException.ThrowIfNull(symbol);
        foreach (KeyValuePair<string, ContractTerms> contract in Contracts)
        {
            if (symbol.StartsWith(contract.Key, StringComparison.OrdinalIgnoreCase) && IsQuote(symbol.AsSpan(contract.Key.Length)))
                return contract.Value;
        }

        return null;

        static bool IsQuote(ReadOnlySpan<char> rest)
        {
            rest = rest.TrimStart("-_/");
            return rest.Equals("USD", StringComparison.OrdinalIgnoreCase) || rest.Equals("USDT", StringComparison.OrdinalIgnoreCase) || rest.Equals("USDC", StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <exception cref="ArgumentException">A limit is out of range or stands outside the one it should stand inside.</exception>
    public void Validate()
    {
        Require(InitialCapital is > 0 and <= 1_000_000_000m, nameof(InitialCapital), "above 0 and at most 1e9");
        Require(MaxDailyLoss is > 0 and < 1, nameof(MaxDailyLoss), "a fraction between 0 and 1");
        Require(MaxTotalLoss is > 0 and < 1, nameof(MaxTotalLoss), "a fraction between 0 and 1");
        Require(StopOpeningDailyLoss > 0 && StopOpeningDailyLoss <= MaxDailyLoss, nameof(StopOpeningDailyLoss), "above 0 and at most maxDailyLoss");
        Require(StopOpeningTotalLoss > 0 && StopOpeningTotalLoss <= MaxTotalLoss, nameof(StopOpeningTotalLoss), "above 0 and at most maxTotalLoss");
        Require(WarnDailyLoss > 0 && WarnDailyLoss <= MaxDailyLoss, nameof(WarnDailyLoss), "above 0 and at most maxDailyLoss");
        Require(WarnTotalLoss > 0 && WarnTotalLoss <= MaxTotalLoss, nameof(WarnTotalLoss), "above 0 and at most maxTotalLoss");
        Require(EmergencyMargin >= 0 && EmergencyMargin < MaxDailyLoss, nameof(EmergencyMargin), "at least 0 and below maxDailyLoss");
        Require(ProfitTarget is >= 0 and < 10, nameof(ProfitTarget), "a fraction from 0");
        Require(BestDayShare is > 0 and <= 1, nameof(BestDayShare), "a fraction above 0");
        Require(RiskPerTrade is > 0 and < 1, nameof(RiskPerTrade), "a fraction between 0 and 1");
        Require(MaxLeverage is > 0 and <= 1000, nameof(MaxLeverage), "above 0 and at most 1000");
        Require(CommissionPerSide is >= 0 and < 1, nameof(CommissionPerSide), "a fraction from 0");
        Require(DailyCostBudget is > 0 and < 1, nameof(DailyCostBudget), "a fraction between 0 and 1");
        Require(MaxPriceDeviation is > 0 and < 1, nameof(MaxPriceDeviation), "a fraction between 0 and 1");
        Require(MaxOrdersPerHour is > 0 and <= 10_000, nameof(MaxOrdersPerHour), "1 to 10000");
        Require(MaxOrdersPerDay > 0, nameof(MaxOrdersPerDay), "at least 1");
        Require(MinTradingDays >= 0, nameof(MinTradingDays), "at least 0");
        Require(Math.Min(Math.Min(MaxSignalAgeSeconds, QuietSeconds), Math.Min(QuietSecondsWithHeartbeats, NewsBlackoutSeconds)) >= 0, nameof(QuietSeconds), "seconds from 0");
        Require(ResetGuardSeconds is >= 0 and <= 82_800, nameof(ResetGuardSeconds), "0 to 82800 seconds, the shortest day");
        foreach ((string symbol, ContractTerms terms) in Contracts)
            Require(symbol.Length > 0 && terms.Size > 0 && terms.MaxLots > 0, nameof(Contracts), "a positive size and number of lots for each base currency");

        void Require(bool holds, string member, string expected)
        {
            if (!holds)
                throw new ArgumentException($"risk limits '{Name}': {JsonNamingPolicy.CamelCase.ConvertName(member)} must be {expected}");
        }
    }

    /// <summary>A fraction as parts per billion; finer ones are refused rather than rounded.</summary>
    public static long Billionths(decimal fraction)
    {
        decimal scaled = fraction * 1_000_000_000m;
        if (scaled != Math.Floor(scaled))
            throw new ArgumentException($"risk limits: {fraction} has more than nine fraction digits");
        return (long)scaled;
    }
}
