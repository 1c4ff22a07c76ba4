using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Captures;

/// <summary>Turns one block's body back into events, a batch at a time. Owned by a CaptureReader; reuses its memory.</summary>
/// <remarks><see cref="PlainBlockDecoder"/> says the same without hurry and is its judge.</remarks>
internal sealed class BlockDecoder(InstrumentTable instruments)
{
    private readonly DefinitionCache _definitions = new(instruments);
    private readonly ColumnReader _pattern = new();
    private readonly ColumnReader _length = new();
    private readonly ColumnReader _receive = new();
    private readonly ColumnReader _exchange = new();
    private readonly ColumnReader _sequence = new();
    private readonly ColumnReader _aux = new();
    private readonly ColumnReader _firstPrice = new();
    private readonly ColumnReader _price = new();
    private readonly ColumnReader _quantity = new();
    private InstrumentId[] _instruments = new InstrumentId[16];
    private StreamState[] _streams = new StreamState[16];
    private LaneState[] _lanes = new LaneState[16];
    private PatternState[] _patterns = new PatternState[16];
    private readonly List<LaneEcho> _echoes = [];
    private long[] _textNumbers = [];
    private TextIdTable? _texts;
    private int _patternCount;
    private int _textCount;

    // The run being written, and the times and sequences of its message.
    private int _eventsLeft;
    private int _runLeft;
    private MarketEvent _template;
    private long _ticks;
    private long _firstLots;
    private int _lane;
    private int _message;
    private bool _isEcho;
    private long _sign;
    private bool _isRunLast;
    private bool _isText;
    private long _rawSequence;

    /// <summary>Receives the blocks' text ids. Seven megabytes that most captures never need.</summary>
    public TextIdTable Texts => _texts ??= new TextIdTable();

    /// <summary>Events of the open block not yet decoded.</summary>
    public int EventsLeft => _eventsLeft;

    /// <summary>Reads definitions and finds the columns.</summary>
    /// <param name="body">The body, then at least <see cref="PackedColumnReader.Slack"/> bytes of anything.</param>
    /// <param name="header">The block's.</param>
    /// <exception cref="MalformedBlockException">The body is malformed.</exception>
    /// <exception cref="InvalidDataException">It defines an Instrument with other increments than the table.</exception>
    public void Open(byte[] body, in BlockHeader header)
    {
        var source = new ByteSource(body.AsSpan(0, header.BodyLength));
        (_eventsLeft, _runLeft) = (0, 0);
        ReadDefinitions(ref source, header);
        ReadTexts(ref source, header.EventCount);
        int runs = source.Count(header.EventCount);
        int headers = source.Count(runs);
        _pattern.Open(ref source, body, runs);
        _length.Open(ref source, body, runs);
        _receive.Open(ref source, body, headers);
        _exchange.Open(ref source, body, headers);
        _sequence.Open(ref source, body, headers);
        _aux.Open(ref source, body, headers);
        _firstPrice.Open(ref source, body, runs);
        _price.Open(ref source, body, header.EventCount - runs);
        _quantity.Open(ref source, body, header.EventCount);
        if (source.Remaining != 0)
            throw new MalformedBlockException($"{source.Remaining} bytes follow the last column");
        _template = default;
        _template.ReceiveTime = header.FirstReceiveTime;
        _rawSequence = 0;
        _message = 0;
        _eventsLeft = header.EventCount;
    }

    /// <summary>Decodes the next events of the block.</summary>
    /// <returns>How many: as many as fit, fewer at the block's end.</returns>
    /// <exception cref="MalformedBlockException">The body is malformed.</exception>
    public int Decode(Span<MarketEvent> events)
    {
        int wanted = Math.Min(events.Length, _eventsLeft);
        int done = 0;
        while (done < wanted)
        {
            if (_runLeft == 0)
            {
                StartRun();
                ref MarketEvent first = ref events[done++];
                first = _template;
                first.Price = new(_ticks);
                first.Quantity = new(_firstLots);
                _runLeft--;
            }
            else
            {
                int count = Math.Min(_runLeft, wanted - done);
                if (_isEcho)
                    FillEchoRun(events.Slice(done, count));
                else
                    FillRun(events.Slice(done, count));
                done += count;
                _runLeft -= count;
            }

            if (_runLeft == 0 && _isRunLast)
                events[done - 1].Flags |= MarketEventFlags.LastInMessage;
        }

        _eventsLeft -= done;
        if (_eventsLeft == 0)
            CheckNothingIsLeft();
        return done;
    }

    /// <summary>Forgets the open block.</summary>
    public void Abandon() => _eventsLeft = _runLeft = 0;

    /// <summary>Forgets the open block and every text id.</summary>
    public void Reset()
    {
        Abandon();
        _texts?.Reset();
    }

    /// <summary>Writes events that differ in Price and Quantity only.</summary>
    private void FillRun(Span<MarketEvent> events)
    {
        Vector256<ulong> times = Vector256.LoadUnsafe(ref Unsafe.As<MarketEvent, ulong>(ref _template));
        Vector256<ulong> rest = Vector256.LoadUnsafe(ref Unsafe.As<MarketEvent, ulong>(ref _template), 4);
        long ticks = _ticks, sign = _sign;
        while (events.Length > 0)
        {
            ReadOnlySpan<long> prices = _price.Take(events.Length);
            while (prices.Length > 0)
            {
                ReadOnlySpan<long> quantities = _quantity.Take(prices.Length);
                for (int i = 0; i < quantities.Length; i++)
                {
                    // The negative sign as xor and subtract keeps the chain of prices at two steps an event.
                    ticks += (prices[i] ^ sign) - sign;
                    ref ulong target = ref Unsafe.As<MarketEvent, ulong>(ref events[i]);
                    times.StoreUnsafe(ref target);
                    rest.StoreUnsafe(ref target, 4);
                    Unsafe.Add(ref target, 2) = (ulong)ticks;
                    Unsafe.Add(ref target, 3) = (ulong)quantities[i];
                }

                prices = prices[quantities.Length..];
                events = events[quantities.Length..];
            }
        }

        _ticks = ticks;
    }

    /// <summary>As <see cref="FillRun"/>, predicted from the same lane's previous message.</summary>
    private void FillEchoRun(Span<MarketEvent> events)
    {
        ref LaneState lane = ref _lanes[_lane];
        LaneEcho echo = _echoes[_lane];
        foreach (ref MarketEvent e in events)
        {
            (long ticks, long lots) = NextEcho(ref lane, echo, _price);
            e = _template;
            e.Price = new(ticks);
            e.Quantity = new(lots);
        }
    }

    private (long Ticks, long Lots) NextEcho(ref LaneState lane, LaneEcho echo, ColumnReader prices)
    {
        long ticks = echo.Predict(lane.Price) + ((prices.Next() ^ _sign) - _sign);
        long known = echo.Match(ticks, _sign < 0 ? -1 : 1);
        long lots = _quantity.Next();
        if (lots == lane.RepeatMark)
            lots = known;
        echo.Add(ticks, lots);
        lane.Price = ticks;
        return (ticks, lots);
    }

    private void StartRun()
    {
        ulong number = (ulong)_pattern.Next();
        if (number >> 1 >= (ulong)_patternCount)
            throw new MalformedBlockException($"event pattern {number >> 1} is not defined");
        ref PatternState pattern = ref _patterns[(int)(number >> 1)];
        ulong length = (ulong)_length.Next();
        if (length >= (ulong)_eventsLeft)
            throw new MalformedBlockException("a run is longer than its block");
        _runLeft = (int)length + 1;

        if ((number & 1) == 0)
        {
            _message++;
            ref StreamState stream = ref _streams[pattern.Stream];
            long receive = _template.ReceiveTime.Value + _receive.Next();
            long exchange = _exchange.Next() + ((stream.Modes & StreamModes.ExchangeFromReceive) != 0 ? receive : stream.Exchange);
            long aux = _aux.Next() + ((stream.Modes & StreamModes.AuxFromSequence) != 0 ? stream.Sequence : stream.Aux);
            _rawSequence = stream.Sequence + _sequence.Next();
            (stream.Exchange, stream.Sequence, stream.Aux) = (exchange, _rawSequence, aux);
            _template.ReceiveTime = new(receive);
            _template.ExchangeTime = new(exchange);
            _template.Aux = aux;
        }

        Unsafe.As<InstrumentId, Vector128<ulong>>(ref _template.Instrument) = pattern.Tail;
        (_sign, _isRunLast, _isText) = (pattern.Sign, pattern.IsLast, pattern.IsText);
        _template.Sequence = _isText ? TextNumber(_rawSequence) : _rawSequence;
        ref LaneState lane = ref _lanes[pattern.Lane];
        (_lane, _isEcho) = (pattern.Lane, lane.IsEcho);
        if (_isEcho)
        {
            _echoes[_lane].Begin(_message);
            (_ticks, _firstLots) = NextEcho(ref lane, _echoes[_lane], _firstPrice);
            return;
        }

        _ticks = lane.Price + ((_firstPrice.Next() ^ _sign) - _sign);
        _firstLots = _quantity.Next();
        if (_firstLots == lane.RepeatMark && _firstLots != 0)
            _firstLots = lane.Quantity;
        (lane.Price, lane.Quantity) = (_ticks, _firstLots);
    }

    private long TextNumber(long sequence)
    {
        if (_textCount < 0)
            return sequence;
        if ((ulong)sequence >= (ulong)_textCount)
            throw new MalformedBlockException($"text id {sequence} is not in the block's table");
        return _textNumbers[sequence];
    }

    private void ReadDefinitions(ref ByteSource source, in BlockHeader header)
    {
        int instrumentCount = source.Count(header.EventCount);
        if (instrumentCount != header.InstrumentCount)
            throw new MalformedBlockException($"{instrumentCount} instruments are defined, the header says {header.InstrumentCount}");
        Fit(ref _instruments, instrumentCount + 1);
        _instruments[0] = InstrumentId.All;
        for (int i = 1; i <= instrumentCount; i++)
            _instruments[i] = _definitions.Read(ref source);

        int streamCount = source.Count(header.EventCount);
        Fit(ref _streams, streamCount);
        for (int i = 0; i < streamCount; i++)
            _streams[i] = new StreamState { Modes = (StreamModes)source.Byte(), Exchange = source.VarInt(), Sequence = source.VarInt(), Aux = source.VarInt() };

        int laneCount = source.Count(header.EventCount);
        Fit(ref _lanes, laneCount);
        for (int i = 0; i < laneCount; i++)
        {
            _lanes[i] = new LaneState { Price = source.VarInt(), RepeatMark = source.VarInt(), IsEcho = source.Byte() != 0 };
            if (!_lanes[i].IsEcho)
                continue;
            while (_echoes.Count <= i)
                _echoes.Add(new LaneEcho());
            _echoes[i].Clear();
        }

        _patternCount = source.Count(header.EventCount);
        Fit(ref _patterns, _patternCount);
        for (int i = 0; i < _patternCount; i++)
            _patterns[i] = ReadPattern(ref source, instrumentCount, streamCount, laneCount);
    }

    private PatternState ReadPattern(ref ByteSource source, int instrumentCount, int streamCount, int laneCount)
    {
        var pattern = new BlockPattern(
            _instruments[source.Count(instrumentCount)], (MarketEventKind)source.Byte(), (Side)source.Byte(), (MarketEventFlags)source.Count(ushort.MaxValue),
            (Channel)source.Byte(), source.Byte(), 0, source.Int32());
        MarketEventFlags flags = pattern.Flags & ~MarketEventFlags.LastInMessage;
        BlockPattern inner = pattern with { Flags = flags };
        return new PatternState
        {
            Tail = Unsafe.As<BlockPattern, Vector128<ulong>>(ref inner),
            Stream = source.Count(streamCount - 1),
            Lane = source.Count(laneCount - 1),
            Sign = pattern.PriceSign < 0 ? -1 : 0,
            IsLast = pattern.Flags != flags,
            IsText = pattern.IsText,
        };
    }

    private void ReadTexts(ref ByteSource source, int limit)
    {
        long count = source.VarInt();
        if (count < -1 || count > limit)
            throw new MalformedBlockException($"{count} text ids in a block of {limit} events");
        _textCount = (int)count;
        Fit(ref _textNumbers, Math.Max(0, _textCount));
        for (int i = 0; i < _textCount; i++)
            _textNumbers[i] = Texts.Add(source.Bytes(source.Count(TextIdTable.LengthMax)));
    }

    private void CheckNothingIsLeft()
    {
        if (_pattern.Remaining + _length.Remaining + _receive.Remaining + _exchange.Remaining + _sequence.Remaining + _aux.Remaining +
            _firstPrice.Remaining + _price.Remaining + _quantity.Remaining != 0)
        {
            throw new MalformedBlockException("a column has more values than its block needs");
        }
    }

    private static void Fit<T>(ref T[] array, int length)
    {
        if (array.Length < length)
            array = new T[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length)];
    }

    private struct LaneState
    {
        public long Price;
        public long Quantity;

        /// <summary>A quantity that stands for the previous run's; 0 for none.</summary>
        public long RepeatMark;
        public bool IsEcho;
    }

    private struct StreamState
    {
        public long Exchange;
        public long Sequence;
        public long Aux;
        public StreamModes Modes;
    }

    private struct PatternState
    {
        public Vector128<ulong> Tail;
        public int Stream;
        public int Lane;

        /// <summary>−1 where prices fall along a run, otherwise 0.</summary>
        public int Sign;
        public bool IsLast;
        public bool IsText;
    }
}
