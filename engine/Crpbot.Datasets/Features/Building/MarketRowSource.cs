using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Features;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>The rows of recorded market data, as a replay of the same data computes them.</summary>
/// <remarks>
/// <code>
///   MarketReader ─► clamp ─► due Timers close Bars ─► FeatureEngineSet
/// </code>
/// Reading ends with the Timer of the range's last Bar, or with the data; the end of the data closes no Bar.
/// </remarks>
/// <param name="reader">Disposed with the source.</param>
/// <param name="range">Which Bars are wanted; what the reader holds before them warms up.</param>
/// <param name="holdsTimers">The reader gives out the Timers of a capture; none are made beside them.</param>
public sealed class MarketRowSource(MarketReader reader, BarRange range, bool holdsTimers = false) : FeatureRowSource(range)
{
    private readonly FeatureEngineSet _engines = new(reader.Instruments, (instrument, _) => new FeatureEngine(instrument));
    private readonly BarClock _clock = new();
    private readonly List<(Instrument Instrument, FeatureRow Row)> _rows = [];
    private int _ready;
    private int _at = -1;
    private bool _isDone;
    private long _events;
    private long _trades;
    private long _deltas;
    private long _gaps;

    public override string Symbol => _rows[_at].Instrument.Name;

    public override FeatureRow Row => _rows[_at].Row;

    public override double EndBid => FeatureDatasetWriter.PriceOrNaN(_rows[_at].Instrument, Row.Bar.EndBid);

    public override double EndAsk => FeatureDatasetWriter.PriceOrNaN(_rows[_at].Instrument, Row.Bar.EndAsk);

    public override long EventsRead => _events;

    /// <summary>What the reader refused.</summary>
    public DamageLog Damage => reader.Damage;

    public override bool Read()
    {
        while (++_at >= _ready)
        {
            (_at, _ready) = (-1, 0);
            if (_isDone || !reader.Read())
                return false;
            Take(reader.Message.Writable);
        }

        return true;
    }

    public override void Describe(FeatureBuildReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        report.Frames += reader.Frames;
        report.Events += _events;
        report.Trades += _trades;
        report.BookDeltas += _deltas;
        report.Gaps += _gaps;
        report.Unknown += reader.Unknown;
        report.Dropped += reader.Dropped;
        report.Refused += reader.Damage.Refused;
        report.ClampedTimes += _clock.ClampedTimes;
        if (_clock.IsOffsetSuspicious)
            report.Warnings.Add(FormattableString.Invariant($"{string.Join(", ", _engines.ByName.ToArray().Select(engine => engine.Instrument.Name))}: the local clock is {_clock.OffsetNanos / 1e9:F3} s from the venue's"));
        foreach (FeatureEngine engine in _engines.ByName)
        {
            FeatureSymbolReport symbol = report.Of(engine.Instrument.Name);
            symbol.Refused += engine.Refused;
            symbol.LateEvents += engine.LateEvents;
            symbol.SideHoursWarned += engine.SideCheck.HoursWarned;
            symbol.SideHoursRefused += engine.SideCheck.HoursRefused;
            if (engine.Instrument.Assumed)
                report.Warnings.Add($"{engine.Instrument.Name}: nobody describes its tick and lot, 1e-8 is assumed");
        }
    }

    protected override void Dispose(bool disposing) => reader.Dispose();

    private void Take(Span<MarketEvent> events)
    {
        if (holdsTimers && events[0].Kind == MarketEventKind.Timer)
        {
            Close(events[0]);
            return;
        }

        if (!holdsTimers)
        {
            UnixNanos time = _clock.Clamp(events);
            while (!_isDone && _clock.TryTakeTimer(time, out MarketEvent timer))
                Close(timer);
        }

        if (_isDone)
            return;
        _events += events.Length;
        foreach (ref readonly MarketEvent e in events)
        {
            _engines.Apply(e);
            _trades += e.Kind == MarketEventKind.Trade ? 1 : 0;
            _deltas += e.Kind == MarketEventKind.BookDelta ? 1 : 0;
            _gaps += e.Kind == MarketEventKind.Gap ? 1 : 0;
        }

        if (!holdsTimers)
            _clock.Observe(events);
    }

    private void Close(in MarketEvent timer)
    {
        bool isWanted = Range.Contains(timer.ExchangeTime - UnixNanos.PerMinute);
        foreach (FeatureEngine engine in _engines.ByName)
        {
            if (_ready == _rows.Count)
                _rows.Add((engine.Instrument, new FeatureRow()));
            FeatureRow row = _rows[_ready].Row;
            if (engine.CloseBar(timer, row) && isWanted)
                _rows[_ready++] = (engine.Instrument, row);
        }

        _isDone = timer.ExchangeTime >= Range.To;
    }
}
