using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Risk;

/// <summary>A risk desk for scenarios: one account, BTC, ETH and SOL at round prices, and words a trader would use.</summary>
internal sealed class Desk
{
    /// <summary>A winter Monday, 12:00 UTC, 13:00 in Prague.</summary>
    public static readonly UnixNanos MondayNoon = At("2026-01-12T12:00:00");

    public readonly InstrumentTable Table = new();
    public readonly Instrument Btc;
    public readonly Instrument Eth;
    public readonly Instrument Sol;
    public readonly RiskChecker Risk;
    public UnixNanos Now;

    public Desk(RiskLimits? limits = null, IRiskStateStore? store = null, UnixNanos? start = null, bool open = true)
    {
        Btc = Table.GetOrAdd("coinbase", "BTC-USD");
        Eth = Table.GetOrAdd("coinbase", "ETH-USD");
        Sol = Table.GetOrAdd("coinbase", "SOL-USD");
        Limits = limits ?? RiskPresets.Ftmo2Step;
        Risk = new RiskChecker(Limits, store);
        Now = start ?? MondayNoon;
        if (open)
            Assert.True(Risk.OpenAccount(Now));
    }

    public RiskLimits Limits { get; }

    /// <summary>Cost limits out of the way, for scenarios about something else.</summary>
    public static RiskLimits Roomy { get; } = RiskPresets.Ftmo2Step with
    {
        DailyCostBudget = 0.9m,
        MaxLeverage = 100m,
        MaxOrdersPerHour = 1000,
        MaxOrdersPerDay = 1000,
        Contracts = RiskPresets.FtmoCrypto.ToDictionary(c => c.Key, c => c.Value with { MaxLots = 100_000m }),
    };

    public static UnixNanos At(string utc) => UnixNanos.FromDateTime(DateTime.SpecifyKind(DateTime.Parse(utc, System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc));

    public static Notional Usd(decimal amount) => Notional.FromDecimal(amount);

    public InstrumentTerms Terms(Instrument instrument) => new(instrument, Limits.ContractOf(instrument.Symbol));

    /// <summary>Prices in dollars; Coinbase ticks are cents.</summary>
    public static Price Px(decimal dollars) => new((long)(dollars * 100));

    /// <summary>Lots of 1e-8 coins.</summary>
    public static Quantity Coins(decimal coins) => new((long)(coins * 100_000_000));

    public MarketView Market(decimal bid, decimal ask) => new() { BestBid = Px(bid), BestAsk = Px(ask), IsReadable = true, LastAlive = Now };

    public OrderRequest Buy(Instrument instrument, decimal reference, decimal stop, decimal target) => new()
    {
        Time = Now,
        Reference = Px(reference),
        Stop = Px(stop),
        Target = Px(target),
        Instrument = instrument.Id,
        Side = Side.Buy,
        Tier = SignalTier.High,
    };

    public OrderRequest Sell(Instrument instrument, decimal reference, decimal stop, decimal target)
    {
        OrderRequest request = Buy(instrument, reference, stop, target);
        request.Side = Side.Sell;
        return request;
    }

    public RiskVerdict Check(in OrderRequest request, in MarketView market) => Check(request, market, out _);

    public RiskVerdict Check(in OrderRequest request, in MarketView market, out RiskApproved<OrderRequest> approved) =>
        Risk.Check(request, Terms(Table[request.Instrument]), market, out approved);

    /// <summary>Buys BTC at 100,000 with the stop a given fraction below.</summary>
    public RiskVerdict BuyBtc(decimal stopFraction = 0.005m) =>
        Check(Buy(Btc, 100_000m, 100_000m * (1 - stopFraction), 102_000m), Market(99_999.99m, 100_000m));

    /// <summary>The trade lost exactly its risk and its costs, and the ledger says so.</summary>
    public void StoppedOut(in RiskVerdict verdict, Instrument instrument)
    {
        Risk.OnFlat(instrument.Id);
        Risk.OnCommission(verdict.OwnCosts);
        Notional balance = Risk.State.Balance - verdict.OwnRisk - verdict.OwnCosts;
        Risk.OnAccount(balance, balance);
    }

    /// <summary>A profit or loss that was realised elsewhere.</summary>
    public void Book(decimal profit)
    {
        Notional balance = Risk.State.Balance + Usd(profit);
        Risk.OnAccount(balance, balance);
    }

    /// <summary>Open profit or loss, nothing realised.</summary>
    public void Float(decimal profit) => Risk.OnAccount(Risk.State.Balance, Risk.State.Balance + Usd(profit));

    public void Wait(UnixNanos until)
    {
        Now = until;
        Risk.OnTime(until);
    }

    public List<RiskNoticeKind> Notices()
    {
        var kinds = new List<RiskNoticeKind>();
        while (Risk.TryTakeNotice(out RiskNotice notice))
            kinds.Add(notice.Kind);
        return kinds;
    }
}

/// <summary>Keeps the state in memory and can be told to fail.</summary>
internal sealed class RecordingStore : IRiskStateStore
{
    public AccountState Saved;
    public int Saves;
    public bool Fails;
    public RestoreStatus Status = RestoreStatus.None;

    public bool TrySave(in AccountState state)
    {
        if (Fails)
            return false;
        Saved = state;
        Saves++;
        Status = RestoreStatus.Found;
        return true;
    }

    public RestoreStatus Restore(out AccountState state)
    {
        state = Saved;
        return Status;
    }
}
