using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>Judges one stream of market data in one pass: a file, files that follow one another, or the merged types of a symbol-day.</summary>
/// <remarks>
/// <code>
///   var validator = new MarketValidator(instruments, options);
///   using MarketReader reader = …;           // its DamageLog's Listener is the validator
///   validator.Read(reader);
///   MarketReport report = validator.Complete();
/// </code>
/// What each code means is written in <c>engine/docs/data.md</c>. Memory: a row of 24 bytes a minute and Instrument, the latest ids, the books. One thread.
/// </remarks>
public sealed class MarketValidator : IReadingListener
{
    private readonly InstrumentTable _instruments;
    private readonly MarketValidationOptions _options;
    private readonly FindingLog _log = new();
    private readonly FindingSink _sink;
    private readonly FeedWatch _feed;
    private readonly List<InstrumentChecks?> _checks = [];
    private readonly Dictionary<string, ClockCheck> _clocks = [];
    private UnixNanos _last = new(long.MinValue);
    private long _rows;
    private long _dropped;

    /// <param name="instruments">The readers' own.</param>
    /// <param name="options">The interval and the limits.</param>
    public MarketValidator(InstrumentTable instruments, MarketValidationOptions options)
    {
        (_instruments, _options, _sink) = (instruments, options, new FindingSink(_log));
        _feed = new FeedWatch(options, _sink);
    }

    /// <summary>The venue's own one-minute candles, to compare the trades with; null: none.</summary>
    public CandleSeries? Candles { get; init; }

    /// <summary>Of a symbol-day's further streams: the minutes that its main stream has; the others are counted there. Null: all are judged.</summary>
    internal IReadOnlyList<MinuteRow>? Expected { get; init; }

    /// <summary>Events looked at so far, refused rows included.</summary>
    public long Rows => _rows;

    /// <summary>Events that readers gave so far.</summary>
    public long Events { get; private set; }

    /// <summary>Places where a file, not a line of it, was found cut or damaged.</summary>
    public long Breaks { get; private set; }

    /// <summary>Looks at everything a reader gives.</summary>
    /// <param name="reader">Whose DamageLog tells this validator.</param>
    /// <param name="progress">Told the rows now and then; null: nobody.</param>
    public void Read(MarketReader reader, Action<long>? progress = null)
    {
        _sink.Reader = reader;
        while (reader.Read())
        {
            Apply(reader.Message.Events);
            if (progress is not null && (reader.Frames & 0xFFF) == 0)
                progress(_rows);
        }

        _dropped += reader.Dropped;
        _sink.Reader = null;
    }

    /// <summary>Ends the pass.</summary>
    public MarketReport Complete()
    {
        foreach (ClockCheck clock in _clocks.Values)
            clock.Complete();
        _feed.Complete();
        InstrumentChecks[] checks = [.. _checks.OfType<InstrumentChecks>()];
        foreach (InstrumentChecks check in checks)
        {
            check.Complete();
            check.Candles?.Complete(_log, _feed);
        }

        if (_dropped > 0 && !checks.Any(check => check.Book.HasSnapshot))
        {
            _log.Add(FindingCode.UnknownLevel, _feed.IsEmpty ? UnixNanos.None : _feed.First, 0,
                "no snapshot: the book of these level updates cannot be rebuilt", _dropped, Severity.Warning);
        }

        return Coverage.Judge(_log, _feed, checks, _options, _rows + _dropped, Expected);
    }

    void IReadingListener.Refused(in Refusal refusal)
    {
        if (refusal.Kind == RefusalKind.Value)
            _rows++;
        FindingCode code = refusal.Kind switch
        {
            RefusalKind.Truncated => FindingCode.Truncated,
            RefusalKind.Corrupt => FindingCode.Corrupt,
            _ => refusal.Error is ParseError.NotAWholeTick or ParseError.NotAWholeLot ? FindingCode.OffTick : FindingCode.BadValue,
        };
        UnixNanos time = refusal.Time != UnixNanos.None ? refusal.Time : _feed.IsEmpty ? UnixNanos.None : _last;
        if (refusal.Kind != RefusalKind.Value && refusal.Error == ParseError.None)
            Breaks++;
        _log.Add(code, time, refusal.Line, _log.IsFirst(code) ? $"{Path.GetFileName(refusal.File)}: {refusal.What}" : "");
    }

    void IReadingListener.RepeatedTrade(in MarketEvent trade, long line)
    {
        _rows++;
        _sink.Index = 0;
        ChecksOf(trade.Instrument).ApplyRepeated(trade);
    }

    void IReadingListener.RepeatedUpdate(UnixNanos receiveTime, long line) =>
        _log.Add(FindingCode.Duplicate, receiveTime, line, "a book update again, or one older than the last");

    private void Apply(ReadOnlySpan<MarketEvent> events)
    {
        UnixNanos time = events[0].ReceiveTime;
        _sink.Index = 0;
        bool isBack = time < _last;
        if (isBack)
            _sink.Add(FindingCode.OutOfOrder, time, $"receive time goes back from {_last} to {time}");
        _last = time;
        _rows += events.Length;
        Events += events.Length;
        bool isAlive = false;
        for (int i = 0; i < events.Length; i++)
        {
            ref readonly MarketEvent e = ref events[i];
            _sink.Index = i;
            if (e.Kind == MarketEventKind.Disconnect)
                _feed.Disconnected();
            else if (e.Kind != MarketEventKind.Gap && !isAlive)
                (isAlive, _) = (true, Live(e));
            if (e.Kind == MarketEventKind.Gap)
                NoteGap(e);
            if (e.Instrument == InstrumentId.All)
                ApplyToAll(e, isBack);
            else
                ChecksOf(e.Instrument).Apply(e, isBack);
        }

        if (isAlive)
            NoteOffset(events[^1]);
    }

    private bool Live(in MarketEvent e)
    {
        _feed.Message(e);
        return true;
    }

    private void NoteOffset(in MarketEvent e)
    {
        if ((e.Flags & (MarketEventFlags.NoExchangeTime | MarketEventFlags.Snapshot)) != 0)
            return;
        ref MinuteRow minute = ref _feed.Minutes.At(e.ReceiveTime);
        double offset = (e.ReceiveTime - e.ExchangeTime) / 1e6;
        if (!(minute.Value <= offset))
            minute.Value = offset;
    }

    private void NoteGap(in MarketEvent e)
    {
        string name = e.Instrument == InstrumentId.All ? "all Instruments" : _instruments[e.Instrument].Name;
        _sink.Add(FindingCode.SequenceGap, e.ReceiveTime, $"{name}: {e.Aux} comes where {e.Sequence} should (channel {e.Channel})");
    }

    private void ApplyToAll(in MarketEvent e, bool isBack)
    {
        foreach (InstrumentChecks? checks in _checks)
            checks?.Apply(e, isBack);
    }

    private InstrumentChecks ChecksOf(InstrumentId id)
    {
        while (_checks.Count < id.Value)
            _checks.Add(null);
        return _checks[id.Value - 1] ??= NewChecks(_instruments[id]);
    }

    private InstrumentChecks NewChecks(Instrument instrument)
    {
        if (!_clocks.TryGetValue(instrument.Venue, out ClockCheck? clock))
            _clocks[instrument.Venue] = clock = new ClockCheck(_options, _sink);
        return new InstrumentChecks(instrument, clock, _options, _sink) { Candles = Candles is null ? null : new CandleComparison(instrument, Candles) };
    }
}
