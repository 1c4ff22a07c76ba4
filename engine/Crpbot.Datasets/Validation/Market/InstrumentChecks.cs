using System.IO.Hashing;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>Every check of one Instrument in one stream.</summary>
internal sealed class InstrumentChecks
{
    /// <summary>Venues whose tape numbers every trade, +1 a symbol; binance-futures leaves some out.</summary>
    private static readonly string[] CountingVenues = ["coinbase", "binance", "binance-us"];

    private readonly MarketValidationOptions _options;
    private readonly FindingSink _sink;
    private readonly ClockCheck _clock;
    private readonly TradeIds _ids;
    private readonly SideTally _sides;
    private readonly UnixNanos[] _lastExchange = new UnixNanos[Enum.GetValues<Channel>().Length];
    private long _bid;
    private long _ask;
    private bool _usesReceiveTime;

    public InstrumentChecks(Instrument instrument, ClockCheck clock, MarketValidationOptions options, FindingSink sink)
    {
        (Instrument, _clock, _options, _sink) = (instrument, clock, options, sink);
        _ids = new TradeIds(CountingVenues.Contains(instrument.Venue));
        _sides = new SideTally(options.SideTrades, sink, instrument.Name);
        Book = new BookCheck(instrument, options, sink);
        Jumps = new JumpCheck(instrument, options.JumpShare, sink);
    }

    public Instrument Instrument { get; }

    public BookCheck Book { get; }

    public JumpCheck Jumps { get; }

    public MinuteRows Minutes { get; } = new();

    public CandleComparison? Candles { get; init; }

    public long Trades { get; private set; }

    public long Updates { get; private set; }

    /// <param name="e">The event.</param>
    /// <param name="isBack">Its ReceiveTime is before the one of the message before.</param>
    public void Apply(in MarketEvent e, bool isBack)
    {
        if (e.Kind is not (MarketEventKind.Trade or MarketEventKind.Gap or MarketEventKind.Disconnect))
            CheckTimes(e, isBack);
        switch (e.Kind)
        {
            case MarketEventKind.Trade:
                ApplyTrade(e, isBack);
                break;
            case MarketEventKind.Quote:
                ApplyQuote(e);
                break;
            case MarketEventKind.BookDelta:
            case MarketEventKind.BookClear:
                ApplyBook(e);
                break;
            case MarketEventKind.Gap when e.Channel is Channel.Trades or Channel.All:
                _ids.Forgive();
                goto case MarketEventKind.Disconnect;
            case MarketEventKind.Gap:
            case MarketEventKind.Disconnect:
                Book.Apply(e);
                _sides.SetMid(TimeOf(e), 0);
                break;
        }
    }

    /// <summary>Judges a trade that the parser left out because its id was received before.</summary>
    public void ApplyRepeated(in MarketEvent e) => Judge(e, _ids.Add(IdOf(e), e, _sink.Line), isBack: false);

    public void Complete()
    {
        foreach (TradeIds.Hole hole in _ids.Holes)
        {
            _sink.AddAt(FindingCode.SequenceGap, hole.Time, hole.Line,
                $"{Instrument.Name}: trade {hole.End} comes where {hole.First} should: {hole.End - hole.First} missing");
        }

        if (_ids.Closed > 0)
            _sink.Log.Add(FindingCode.SequenceGap, UnixNanos.None, 0, "", _ids.Closed);
        Book.Complete();
        _sides.Complete();
    }

    private void ApplyTrade(in MarketEvent e, bool isBack)
    {
        Trades++;
        if (e.Quantity.Lots <= 0)
            _sink.Add(FindingCode.BadValue, e.ReceiveTime, $"{Instrument.Name}: a trade's quantity is {Instrument.Format(e.Quantity)}");
        if ((e.Flags & MarketEventFlags.NoSequence) == 0 && Judge(e, _ids.Add(IdOf(e), e, _sink.Line), isBack))
            return;
        CheckTimes(e, isBack);
        Candles?.Add(e);
        ref MinuteRow minute = ref Minutes.At(e.ReceiveTime);
        minute.Count++;
        minute.Value = Instrument.PriceOf(e.Price);
        Jumps.Add(e);
        if (e.Side != Side.Unknown)
            _sides.Add(TimeOf(e), e);
    }

    /// <summary>Reports what an id says; true when the trade is no new one.</summary>
    private bool Judge(in MarketEvent e, TradeIdVerdict verdict, bool isBack)
    {
        switch (verdict)
        {
            case TradeIdVerdict.Duplicate:
                _sink.Add(FindingCode.Duplicate, e.ReceiveTime, $"{Instrument.Name}: trade {e.Sequence} again, all fields alike");
                return true;
            case TradeIdVerdict.Conflict:
                _sink.Add(FindingCode.Conflict, e.ReceiveTime, $"{Instrument.Name}: trade {e.Sequence} again with other fields");
                return true;
            case TradeIdVerdict.Late when !isBack:
                _sink.Add(FindingCode.OutOfOrder, e.ReceiveTime, $"{Instrument.Name}: trade {e.Sequence} stands behind a later one");
                return false;
            default:
                return false;
        }
    }

    private void ApplyQuote(in MarketEvent e)
    {
        if (e.Side == Side.Buy)
            _bid = e.Price.Ticks;
        else
            _ask = e.Price.Ticks;
        if (!e.IsLastInMessage || _bid == 0 || _ask == 0)
            return;
        if (_bid >= _ask)
        {
            _sink.Add(FindingCode.CrossedBook, e.ReceiveTime,
                $"{Instrument.Name}: quotes {(_bid == _ask ? "locked" : "crossed")}, bid {Instrument.Format(new Price(_bid))} and ask {Instrument.Format(new Price(_ask))}");
        }

        if (Book.HasSnapshot)
            return;
        _usesReceiveTime = (e.Flags & MarketEventFlags.NoExchangeTime) != 0;
        _sides.SetMid(TimeOf(e), _bid >= _ask ? 0 : _bid + _ask);
    }

    private void ApplyBook(in MarketEvent e)
    {
        if (e.Kind == MarketEventKind.BookDelta && !e.IsSnapshot)
        {
            Updates++;
            Minutes.At(e.ReceiveTime).Updates++;
        }

        if (!e.IsSnapshot)
            _usesReceiveTime = (e.Flags & MarketEventFlags.NoExchangeTime) != 0;
        if (Book.Apply(e))
            _sides.SetMid(TimeOf(e), Book.MidTwice);
    }

    /// <summary>Looks at the clocks and the order of a channel. A trade that is none of the tape's says nothing about either.</summary>
    private void CheckTimes(in MarketEvent e, bool isBack)
    {
        if ((e.Flags & (MarketEventFlags.NoExchangeTime | MarketEventFlags.Snapshot)) != 0)
            return;
        _clock.Add(e);
        ref UnixNanos last = ref _lastExchange[(int)e.Channel];
        if (last - e.ExchangeTime > _options.ExchangeBackNanos && last != UnixNanos.None && !isBack)
            _sink.Add(FindingCode.OutOfOrder, e.ReceiveTime, $"{Instrument.Name}: exchange time of {e.Channel} goes back from {last} to {e.ExchangeTime}");

        last = e.ExchangeTime;
    }

    /// <summary>The time that trades and books are compared by: the venue's, where the books have it.</summary>
    private long TimeOf(in MarketEvent e) => _usesReceiveTime ? e.ReceiveTime.Value : e.ExchangeTime.Value;

    private long IdOf(in MarketEvent e) => (e.Flags & MarketEventFlags.TextId) == 0
        ? e.Sequence
        : (long)(XxHash3.HashToUInt64(_sink.Reader!.TextIds.Get(e.Sequence)) >> 1);
}
