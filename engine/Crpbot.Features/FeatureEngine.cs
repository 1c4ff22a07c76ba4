using Crpbot.Codecs.Instruments;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Features;

/// <summary>Turns one Instrument's events into Bars and their 53 features.</summary>
/// <remarks>
/// <code>
///   every event ─► Apply       Trades wait in the BarAggregator, book events are sampled as they come
///   Timer       ─► CloseBar    true: the row holds a Bar and its features; false: the minute has none
/// </code>
/// Deterministic: the same events give the same rows, live, replayed or cut off after the Timer. One instance an Instrument, owned by one
/// stage, no clock, no allocation once its arrays have grown to the busiest minute. Nothing in a stream of events makes it throw.
/// </remarks>
public sealed partial class FeatureEngine
{
    /// <summary>In 2198: beyond it, sums of times could wrap.</summary>
    private const ulong LatestTime = 7_200_000_000_000_000_000;

    private readonly BarAggregator _bars;
    private readonly BookSampler _book;
    private readonly MicrostructureFeatures _microstructure;
    private readonly CandleFeatures _candles = new();
    private long _refusedEvents;
    private bool _hasHeartbeats;

    public FeatureEngine(Instrument instrument, FeatureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(instrument);
        Instrument = instrument;
        Options = (options ?? FeatureOptions.For(instrument)).Checked();
        _bars = new BarAggregator(Options.LimitBeforeHeartbeats, Options.TradesCapacity);
        _book = new BookSampler(Options.LimitBeforeHeartbeats, Options.BookCapacity, Options.MidsCapacity);
        _microstructure = new MicrostructureFeatures(instrument, Options);
    }

    public Instrument Instrument { get; }

    public FeatureOptions Options { get; }

    /// <summary>The options with the capacities reached: a new engine with these runs the same events without growing.</summary>
    public FeatureOptions GrownOptions => Options with
    {
        BookCapacity = Math.Max(Options.BookCapacity, _book.Book.Capacity),
        TradesCapacity = _bars.Capacity,
        MidsCapacity = _book.Mids.Capacity,
        WaitingCapacity = _microstructure.Trades.WaitingCapacity,
    };

    /// <summary>The Instrument's book as of the last event; look at it between messages only, and only while it is valid.</summary>
    public L2Book Book => _book.Book;

    public bool IsBookValid => _book.IsValid;

    /// <summary>Present Bars so far.</summary>
    public long Bars { get; private set; }

    /// <summary>Trades and BookDeltas that came after their Bar had closed, or whose time went back across one.</summary>
    public long LateEvents => _bars.LateTrades + _book.LateDeltas;

    /// <summary>Trades, BookDeltas and Timers with impossible values, and events whose ReceiveTime is no time.</summary>
    public long Refused => _bars.Refused + _book.Refused + _refusedEvents;

    public SideCheck SideCheck => _microstructure.SideCheck;

    /// <summary>Says from when on Bars can be predicted with a feature, if no more of them go missing.</summary>
    /// <param name="feature">A column.</param>
    /// <returns>The earliest such Bar's open time; the end of the last closed minute when it is warm. That of <c>vpin</c> is an estimate,
    /// since its clock runs on volume. None before the first Timer.</returns>
    public UnixNanos WarmFrom(int feature)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)feature, (uint)FeatureSchema.Count, nameof(feature));
        long now = _bars.ClosedEnd.Value;
        if (now == long.MinValue)
            return UnixNanos.None;
        // The 360th Bar is the first row without the flag.
        long rows = now + Math.Max(0, FeatureSchema.WarmupBars - 1 - _candles.BarsPresent) * UnixNanos.PerMinute;
        return new(Math.Max(rows, _microstructure.WarmAt(feature, now)));
    }

    /// <summary>Takes an event; those of other Instruments are passed over. Timers do nothing here: see <see cref="CloseBar"/>.</summary>
    public void Apply(in MarketEvent e)
    {
        if (e.Instrument != Instrument.Id && e.Instrument != InstrumentId.All)
            return;
        if ((ulong)e.ReceiveTime.Value > LatestTime)
        {
            _refusedEvents++;
            return;
        }

        switch (e.Kind)
        {
            case MarketEventKind.BookDelta:
            case MarketEventKind.BookClear:
                _bars.Alive(e);
                if (_book.ApplyLevel(e))
                    _bars.CountLate();
                break;
            case MarketEventKind.Trade:
                _bars.ApplyTrade(e);
                _book.ApplyOther(e);
                break;
            case MarketEventKind.Heartbeat:
                if (!_hasHeartbeats)
                    BeginHeartbeats();
                _bars.Alive(e);
                _book.ApplyHeartbeat(e);
                break;
            case MarketEventKind.Quote:
            case MarketEventKind.DerivativeTicker:
            case MarketEventKind.Liquidation:
                _bars.Alive(e);
                _book.ApplyOther(e);
                break;
            case MarketEventKind.Gap:
                ApplyGap(e);
                break;
            case MarketEventKind.Disconnect:
                _book.ApplyVoid(e);
                _bars.ApplyDisconnect(e);
                break;
        }
    }

    /// <summary>Closes the minute that a Timer ends.</summary>
    /// <param name="timer">ReceiveTime is the boundary, ExchangeTime the end of the minute.</param>
    /// <param name="row">Receives the Bar, values, inputs, reasons and tags; untouched when the minute has no Bar.</param>
    /// <returns>True when the minute has a Bar.</returns>
    public bool CloseBar(in MarketEvent timer, FeatureRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (!_bars.IsTimer(timer) || (ulong)timer.ReceiveTime.Value > LatestTime)
        {
            _refusedEvents++;
            return false;
        }

        long end = timer.ExchangeTime.Value;
        long open = end - UnixNanos.PerMinute;
        BookMinute book = _book.Close(end);
        bool isWhole = _bars.Close(timer, out Bar bar);
        bool isPresent = _microstructure.Begin(_bars.ClosedTrades, open, _book.Mids, isWhole);
        if (isPresent)
            Write(ref bar, book, row);
        else
            _microstructure.Miss(open);
        _book.Mids.Forget(end);
        return isPresent;
    }

    private void Write(ref Bar bar, BookMinute book, FeatureRow row)
    {
        bar.Instrument = Instrument.Id;
        bar.BuyVolume = new(_microstructure.Trades.BuyLots);
        bar.SellVolume = new(_microstructure.Trades.SellLots);
        (bar.EndBid, bar.EndAsk) = (book.EndBid, book.EndAsk);
        _candles.Apply(
            Instrument.PriceOf(bar.Open), Instrument.PriceOf(bar.High), Instrument.PriceOf(bar.Low), Instrument.PriceOf(bar.Close),
            Instrument.QuantityOf(bar.Volume), bar.OpenTime, row.Values, row.Inputs, row.Reasons);
        _microstructure.Close(bar, _bars.ClosedTrades, book, row.Values, row.Reasons);
        MicrostructureInputs.Write(row.Values, row.Inputs);
        bar.Flags = (bar.Flags & BarFlags.NoTrades) | BarFlagsOf(_candles.Flags);
        row.Bar = bar;
        row.Flags = _candles.Flags | ((bar.Flags & BarFlags.NoTrades) != 0 ? FeatureRowFlags.NoTrades : FeatureRowFlags.None);
        (row.VolatilityRegime, row.Session) = (_candles.VolatilityRegime, _candles.Session);
        Bars++;
    }

    private static BarFlags BarFlagsOf(FeatureRowFlags flags) =>
        ((flags & FeatureRowFlags.AfterGap) != 0 ? BarFlags.AfterGap : BarFlags.None) |
        ((flags & FeatureRowFlags.Restarted) != 0 ? BarFlags.Restarted : BarFlags.None);

    /// <summary>From the first heartbeat on, silence means more.</summary>
    private void BeginHeartbeats()
    {
        _hasHeartbeats = true;
        _bars.QuietLimitNanos = Options.QuietLimitNanos;
        _book.SetQuietLimit(Options.QuietLimitNanos);
    }

    private void ApplyGap(in MarketEvent e)
    {
        if (e.Channel is Channel.Book or Channel.All)
            _book.ApplyVoid(e);
        if (e.Channel is Channel.Trades or Channel.All)
            _bars.ApplyGap(e);
    }
}
