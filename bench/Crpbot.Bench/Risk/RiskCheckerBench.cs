using BenchmarkDotNet.Attributes;
using Crpbot.Codecs.Instruments;
using Crpbot.Execution;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Bench.Risk;

/// <summary>What the risk check costs the deciding thread: a verdict, a mark, and an event while nothing is held.</summary>
[MemoryDiagnoser]
public class RiskCheckerBench
{
    private static readonly UnixNanos Start = new(1_768_219_200L * UnixNanos.PerSecond);

    private readonly RiskLimits _limits = RiskPresets.Ftmo2Step with { MaxOrdersPerHour = 10_000, MaxOrdersPerDay = int.MaxValue };
    private readonly ExecutionBuffer _output = new();
    private RiskChecker _risk = null!;
    private PaperTrader _trader = null!;
    private InstrumentTerms _terms = null!;
    private OrderRequest _request;
    private MarketView _market;
    private MarketEvent _delta;
    private UnixNanos _now = Start;
    private long _mark;

    [GlobalSetup]
    public void Setup()
    {
        var table = new InstrumentTable();
        Instrument btc = table.GetOrAdd("coinbase", "BTC-USD");
        _terms = new InstrumentTerms(btc, _limits.ContractOf(btc.Symbol));
        _risk = new RiskChecker(_limits);
        _risk.OpenAccount(Start);
        _market = new MarketView { BestBid = new Price(9_999_999), BestAsk = new Price(10_000_000), IsReadable = true };
        _request = new OrderRequest
        {
            Reference = new Price(10_000_000),
            Stop = new Price(9_950_000),
            Target = new Price(10_075_000),
            Instrument = btc.Id,
            Side = Side.Buy,
            Tier = SignalTier.High,
        };
        _delta = new MarketEvent { Kind = MarketEventKind.BookDelta, Instrument = btc.Id, Side = Side.Buy, Price = new Price(9_999_999), Flags = MarketEventFlags.LastInMessage };
        _trader = new PaperTrader(table, _limits);
        _trader.OnEvent(new MarketEvent { Kind = MarketEventKind.BookClear, Instrument = btc.Id, ReceiveTime = Start }, _output);
        if (!Approve().IsApproved)
            throw new InvalidOperationException("the benchmark's order is refused");
    }

    /// <summary>All checks, the reservation and its release.</summary>
    [Benchmark(Baseline = true)]
    public RiskVerdict Approve()
    {
        _now += UnixNanos.PerSecond;
        _risk.OnTime(_now);
        _request.Time = _market.LastAlive = _now;
        RiskVerdict verdict = _risk.Check(_request, _terms, _market, out _);
        _risk.OnFlat(_request.Instrument);
        while (_risk.TryTakeNotice(out _))
        {
        }

        return verdict;
    }

    /// <summary>Time and equity at one mark, nothing due.</summary>
    [Benchmark]
    public bool Mark()
    {
        _risk.OnTime(_now);
        _risk.OnAccount(_risk.State.Balance, _risk.State.Balance + new Notional(++_mark));
        return _risk.MustFlatten;
    }

    /// <summary>One book change through the paper trader while it holds nothing.</summary>
    [Benchmark]
    public int IdleEvent()
    {
        _delta.ReceiveTime += 1;
        _delta.Quantity = new Quantity(1 + (_delta.ReceiveTime.Value & 1023));
        _trader.OnEvent(_delta, _output);
        return _output.Count;
    }
}
