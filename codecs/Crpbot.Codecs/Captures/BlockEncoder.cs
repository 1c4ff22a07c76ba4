using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Captures;

/// <summary>Turns the events of one block into its body: definitions, then nine columns. Owned by a CaptureWriter; reuses its memory.</summary>
/// <remarks>
/// Events are cut into runs that differ only in Price and Quantity, since a venue message is usually one or two of them. Times and
/// sequences are said once a message, patterns once a run. Each block stands alone: it defines what it uses and starts its
/// predictions afresh, so losing another costs it nothing.
/// </remarks>
internal sealed class BlockEncoder(InstrumentTable instruments, int capacity)
{
    /// <summary>Snapshots a block must hold before predicting them from each other pays.</summary>
    private const int EchoMessages = 4;

    private readonly Dictionary<BlockPattern, int> _patternIndex = [];
    private readonly Dictionary<(InstrumentId, MarketEventKind), int> _streamIndex = [];
    private readonly Dictionary<InstrumentId, int> _instrumentIndex = [];
    private readonly List<Instrument> _instruments = [];
    private readonly Dictionary<(InstrumentId, MarketEventKind, Side, int), int> _laneIndex = [];
    private readonly List<(BlockPattern Pattern, int Stream, int Lane)> _patterns = [];
    private readonly List<LaneState> _lanes = [];
    private readonly List<LaneEcho> _echoes = [];
    private readonly List<StreamState> _streams = [];
    private readonly Dictionary<Instrument, byte[]> _definitions = [];
    private readonly ColumnWriter _columns = new();

    private readonly long[] _pattern = new long[capacity];
    private readonly long[] _length = new long[capacity];
    private readonly long[] _receive = new long[capacity];
    private readonly long[] _exchange = new long[capacity];
    private readonly long[] _sequence = new long[capacity];
    private readonly long[] _aux = new long[capacity];
    private readonly long[] _firstPrice = new long[capacity];
    private readonly long[] _price = new long[capacity];
    private readonly long[] _quantity = new long[capacity];
    private int _runs;
    private int _headers;
    private int _prices;

    /// <summary>Instruments the last body defined.</summary>
    public int InstrumentCount => _instruments.Count;

    /// <summary>Appends the body of a block. Prices are told relative to a lane: one kind, side and detail of one Instrument.</summary>
    /// <param name="events">1 to capacity; Sequence of a TextId event is its number within the block.</param>
    /// <param name="texts">The block's text ids, each a length and its bytes; empty when none are kept.</param>
    /// <param name="textCount">How many; −1 when text ids are kept nowhere and Sequence stays as it is.</param>
    /// <param name="body">Receives the bytes.</param>
    public void Encode(ReadOnlySpan<MarketEvent> events, ReadOnlySpan<byte> texts, int textCount, ByteSink body)
    {
        FindRuns(events);
        ChooseModes(events);
        FillColumns(events);
        WriteDefinitions(body);
        body.VarInt(textCount);
        body.Bytes(texts);
        body.VarUInt((ulong)_runs);
        body.VarUInt((ulong)_headers);
        _columns.Write(_pattern.AsSpan(0, _runs), body);
        _columns.Write(_length.AsSpan(0, _runs), body);
        _columns.Write(_receive.AsSpan(0, _headers), body);
        _columns.Write(_exchange.AsSpan(0, _headers), body);
        _columns.Write(_sequence.AsSpan(0, _headers), body);
        _columns.Write(_aux.AsSpan(0, _headers), body);
        _columns.Write(_firstPrice.AsSpan(0, _runs), body);
        _columns.Write(_price.AsSpan(0, _prices), body);
        _columns.Write(_quantity.AsSpan(0, events.Length), body);
    }

    /// <summary>First pass: run lengths, and twice the pattern number plus whether times and sequences repeat the previous run's.</summary>
    private void FindRuns(ReadOnlySpan<MarketEvent> events)
    {
        _patternIndex.Clear();
        _streamIndex.Clear();
        _instrumentIndex.Clear();
        _laneIndex.Clear();
        _instruments.Clear();
        _patterns.Clear();
        _lanes.Clear();
        _streams.Clear();
        (_runs, _headers) = (0, 0);
        for (int start = 0; start < events.Length;)
        {
            int end = start + 1;
            while (end < events.Length && !events[end - 1].IsLastInMessage && IsSameRun(events[end - 1], events[end]))
                end++;
            int pattern = IndexOf(BlockPattern.Of(events[end - 1]), events[start]);
            bool repeats = start > 0 && IsSameHeader(events[start - 1], events[start]);
            _pattern[_runs] = 2L * pattern + (repeats ? 1 : 0);
            _length[_runs++] = end - start - 1;
            _headers += repeats ? 0 : 1;
            start = end;
        }
    }

    /// <summary>Second pass over messages: which prediction would have been right more often.</summary>
    private void ChooseModes(ReadOnlySpan<MarketEvent> events)
    {
        Span<StreamState> streams = CollectionsMarshal.AsSpan(_streams);
        Span<LaneState> lanes = CollectionsMarshal.AsSpan(_lanes);
        int at = 0, message = 0;
        for (int run = 0; run < _runs; at += (int)_length[run++] + 1)
        {
            ref readonly MarketEvent e = ref events[at];
            (_, int streamNumber, int laneNumber) = _patterns[(int)(_pattern[run] >> 1)];
            ref LaneState lane = ref lanes[laneNumber];
            lane.Runs++;
            message += (_pattern[run] & 1) == 0 ? 1 : 0;
            lane.Messages += lane.LastMessage == message ? 0 : 1;
            lane.LastMessage = message;
            lane.IsSnapshot &= e.IsSnapshot && e.Kind == MarketEventKind.BookDelta;
            lane.Repeats += e.Quantity.Lots == lane.LastQuantity ? 1 : 0;
            for (int i = at; i <= at + (int)_length[run]; i++)
                lane.HasNegative |= events[i].Quantity.Lots < 0;
            lane.LastQuantity = e.Quantity.Lots;
            if ((_pattern[run] & 1) != 0)
                continue;
            ref StreamState stream = ref streams[streamNumber];
            long offset = e.ExchangeTime.Value - e.ReceiveTime.Value;
            stream.SameOffset += offset == stream.LastOffset ? 1 : -1;
            stream.LastOffset = offset;
            stream.FollowingAux += e.Aux == stream.LastAux ? -1 : e.Aux - stream.LastSequence == 1 ? 1 : 0;
            stream.LastAux = e.Aux;
            stream.LastSequence = e.Sequence;
        }

        foreach (ref StreamState stream in streams)
        {
            stream.Modes = (stream.SameOffset > 0 ? StreamModes.ExchangeFromReceive : 0) | (stream.FollowingAux > 0 ? StreamModes.AuxFromSequence : 0);
            // The first message is predicted from values that stand beside the stream's definition.
            (stream.LastExchange, stream.LastSequence, stream.LastAux) = (stream.FirstExchange, stream.FirstSequence, stream.FirstAux);
        }

        long mark = 0;
        foreach (ref LaneState lane in lanes)
        {
            lane.IsEcho = lane.IsSnapshot && !lane.HasNegative && lane.Messages >= EchoMessages;
            if (lane.IsEcho || (!lane.HasNegative && lane.Repeats > lane.Runs / 8))
                lane.RepeatMark = mark = mark != 0 ? mark : RepeatMark(events);
            lane.LastQuantity = 0;
        }
    }

    /// <summary>A negative number that leaves the quantities' common factor as it is.</summary>
    private static long RepeatMark(ReadOnlySpan<MarketEvent> events)
    {
        ulong factor = 0;
        foreach (ref readonly MarketEvent e in events)
            factor = ColumnWriter.CommonFactor(factor, e.Quantity.Lots);
        return factor is 0 or > long.MaxValue ? -1 : -(long)factor;
    }

    private void FillColumns(ReadOnlySpan<MarketEvent> events)
    {
        Span<StreamState> streams = CollectionsMarshal.AsSpan(_streams);
        Span<LaneState> lanes = CollectionsMarshal.AsSpan(_lanes);
        (_headers, _prices) = (0, 0);
        long receive = events[0].ReceiveTime.Value;
        int at = 0, message = 0;
        for (int run = 0; run < _runs; run++)
        {
            ref readonly MarketEvent e = ref events[at];
            (BlockPattern pattern, int streamNumber, int laneNumber) = _patterns[(int)(_pattern[run] >> 1)];
            ref LaneState lane = ref lanes[laneNumber];
            if ((_pattern[run] & 1) == 0)
            {
                message++;
                ref StreamState stream = ref streams[streamNumber];
                _receive[_headers] = e.ReceiveTime.Value - receive;
                receive = e.ReceiveTime.Value;
                _exchange[_headers] = e.ExchangeTime.Value - ((stream.Modes & StreamModes.ExchangeFromReceive) != 0 ? receive : stream.LastExchange);
                _aux[_headers] = e.Aux - ((stream.Modes & StreamModes.AuxFromSequence) != 0 ? stream.LastSequence : stream.LastAux);
                _sequence[_headers++] = e.Sequence - stream.LastSequence;
                (stream.LastExchange, stream.LastSequence, stream.LastAux) = (e.ExchangeTime.Value, e.Sequence, e.Aux);
            }

            int sign = pattern.PriceSign;
            int end = at + (int)_length[run];
            if (lane.IsEcho)
            {
                FillEcho(events[at..(end + 1)], at, run, message, sign, ref lane, _echoes[laneNumber]);
                at = end + 1;
                continue;
            }

            long price = e.Price.Ticks;
            long lots = e.Quantity.Lots;
            _firstPrice[run] = (price - lane.LastPrice) * sign;
            _quantity[at] = lane.RepeatMark != 0 && lots == lane.LastQuantity ? lane.RepeatMark : lots;
            (lane.LastPrice, lane.LastQuantity) = (price, lots);
            while (at++ < end)
            {
                long next = events[at].Price.Ticks;
                _price[_prices++] = (next - price) * sign;
                price = next;
                _quantity[at] = events[at].Quantity.Lots;
            }
        }
    }

    /// <summary>As above, predicted from the same lane's previous message.</summary>
    private void FillEcho(ReadOnlySpan<MarketEvent> run, int at, int runNumber, int message, int sign, ref LaneState lane, LaneEcho echo)
    {
        echo.Begin(message);
        for (int i = 0; i < run.Length; i++)
        {
            (long price, long lots) = (run[i].Price.Ticks, run[i].Quantity.Lots);
            long difference = (price - echo.Predict(lane.LastPrice)) * sign;
            if (i == 0)
                _firstPrice[runNumber] = difference;
            else
                _price[_prices++] = difference;
            _quantity[at + i] = echo.Match(price, sign) == lots ? lane.RepeatMark : lots;
            echo.Add(price, lots);
            lane.LastPrice = price;
        }
    }

    private void WriteDefinitions(ByteSink body)
    {
        body.VarUInt((ulong)_instruments.Count);
        foreach (Instrument instrument in _instruments)
        {
            if (!_definitions.TryGetValue(instrument, out byte[]? definition))
                _definitions.Add(instrument, definition = Define(instrument));
            body.Bytes(definition);
        }

        body.VarUInt((ulong)_streams.Count);
        foreach (ref StreamState stream in CollectionsMarshal.AsSpan(_streams))
        {
            body.Byte((byte)stream.Modes);
            body.VarInt(stream.FirstExchange);
            body.VarInt(stream.FirstSequence);
            body.VarInt(stream.FirstAux);
        }

        body.VarUInt((ulong)_lanes.Count);
        foreach (ref LaneState lane in CollectionsMarshal.AsSpan(_lanes))
        {
            body.VarInt(lane.FirstPrice);
            body.VarInt(lane.RepeatMark);
            body.Byte(lane.IsEcho ? (byte)1 : (byte)0);
        }

        body.VarUInt((ulong)_patterns.Count);
        foreach ((BlockPattern pattern, int stream, int lane) in _patterns)
        {
            body.VarUInt((ulong)_instrumentIndex[pattern.Instrument]);
            body.Byte((byte)pattern.Kind);
            body.Byte((byte)pattern.Side);
            body.VarUInt((ulong)pattern.Flags);
            body.Byte((byte)pattern.Channel);
            body.Byte(pattern.Scale);
            body.VarInt(pattern.Detail);
            body.VarUInt((ulong)stream);
            body.VarUInt((ulong)lane);
        }
    }

    private static byte[] Define(Instrument instrument)
    {
        var sink = new ByteSink(64);
        Text(instrument.Venue);
        Text(instrument.Symbol);
        foreach (DecimalStep step in (DecimalStep[])[instrument.Tick, instrument.Lot])
        {
            sink.VarUInt((ulong)step.Mantissa);
            sink.Byte((byte)step.Scale);
        }

        sink.Byte(instrument.Assumed ? (byte)1 : (byte)0);
        return sink.Written.ToArray();

        void Text(string text)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            sink.VarUInt((ulong)utf8.Length);
            sink.Bytes(utf8);
        }
    }

    private int IndexOf(BlockPattern pattern, in MarketEvent first)
    {
        if (_runs > 0 && _patterns[(int)(_pattern[_runs - 1] >> 1)].Pattern == pattern)
            return (int)(_pattern[_runs - 1] >> 1);
        if (_patternIndex.TryGetValue(pattern, out int known))
            return known;

        int stream = StreamOf(pattern, first);
        if (!_laneIndex.TryGetValue((pattern.Instrument, pattern.Kind, pattern.Side, pattern.Detail), out int lane))
        {
            lane = _lanes.Count;
            _laneIndex.Add((pattern.Instrument, pattern.Kind, pattern.Side, pattern.Detail), lane);
            _lanes.Add(new LaneState { FirstPrice = first.Price.Ticks, LastPrice = first.Price.Ticks, IsSnapshot = true });
            if (_echoes.Count < _lanes.Count)
                _echoes.Add(new LaneEcho());
            _echoes[lane].Clear();
        }

        _patternIndex.Add(pattern, _patterns.Count);
        _patterns.Add((pattern, stream, lane));
        return _patterns.Count - 1;
    }

    private int StreamOf(BlockPattern pattern, in MarketEvent first)
    {
        if (!_instrumentIndex.ContainsKey(pattern.Instrument))
        {
            if (pattern.Instrument == InstrumentId.All)
            {
                _instrumentIndex.Add(pattern.Instrument, 0);
            }
            else
            {
                _instruments.Add(instruments[pattern.Instrument]);
                _instrumentIndex.Add(pattern.Instrument, _instruments.Count);
            }
        }

        if (_streamIndex.TryGetValue((pattern.Instrument, pattern.Kind), out int known))
            return known;
        _streamIndex.Add((pattern.Instrument, pattern.Kind), _streams.Count);
        _streams.Add(new StreamState { FirstExchange = first.ExchangeTime.Value, FirstSequence = first.Sequence, FirstAux = first.Aux });
        return _streams.Count - 1;
    }

    /// <summary>Everything but Price, Quantity, LastInMessage and the reserved bytes is equal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsSameRun(in MarketEvent a, in MarketEvent b)
    {
        Vector512<ulong> different = Load(a) ^ Load(b);
        const ulong FirstOfTail = ~((ulong)MarketEventFlags.LastInMessage << 48);
        const ulong SecondOfTail = ~0xFFFF_0000UL;
        return (different & Vector512.Create(~0UL, ~0UL, 0, 0, ~0UL, ~0UL, FirstOfTail, SecondOfTail)) == Vector512<ulong>.Zero;
    }

    /// <summary>Times, Sequence and Aux are equal and mean the same.</summary>
    private static bool IsSameHeader(in MarketEvent a, in MarketEvent b) =>
        a.ReceiveTime == b.ReceiveTime && a.ExchangeTime == b.ExchangeTime && a.Sequence == b.Sequence && a.Aux == b.Aux &&
        ((a.Flags ^ b.Flags) & MarketEventFlags.TextId) == 0;

    private static Vector512<ulong> Load(in MarketEvent e) =>
        Vector512.LoadUnsafe(ref Unsafe.As<MarketEvent, ulong>(ref Unsafe.AsRef(in e)));

    private struct LaneState
    {
        public long FirstPrice;
        public long LastPrice;
        public long LastQuantity;
        public int Runs;
        public int Repeats;
        public int Messages;
        public int LastMessage;
        public bool HasNegative;
        public bool IsSnapshot;
        public bool IsEcho;

        /// <summary>Stands for the quantity of the lane's previous run; 0 where quantities are told as they are.</summary>
        public long RepeatMark;
    }

    private struct StreamState
    {
        public long FirstExchange;
        public long FirstSequence;
        public long FirstAux;
        public long LastExchange;
        public long LastSequence;
        public long LastAux;
        public long LastOffset;
        public int SameOffset;
        public int FollowingAux;
        public StreamModes Modes;
    }
}
