using System.Runtime.CompilerServices;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Captures;

/// <summary>Reads a body as the format's page describes it, one value and one bit at a time: the judge of <see cref="BlockDecoder"/>.</summary>
internal static class PlainBlockDecoder
{
    /// <summary>The events of a well-formed body; text ids keep their number within the block.</summary>
    public static List<MarketEvent> Decode(ReadOnlySpan<byte> body, in BlockHeader header, InstrumentTable instruments)
    {
        var source = new ByteSource(body);
        var definitions = new DefinitionCache(instruments);
        List<InstrumentId> ids = [InstrumentId.All];
        for (int n = source.Count(int.MaxValue); n > 0; n--)
            ids.Add(definitions.Read(ref source));

        var streams = new List<(StreamModes Modes, long Exchange, long Sequence, long Aux)>();
        for (int n = source.Count(int.MaxValue); n > 0; n--)
            streams.Add(((StreamModes)source.Byte(), source.VarInt(), source.VarInt(), source.VarInt()));

        var lanes = new List<(long Price, long Mark, bool IsEcho, long Quantity)>();
        for (int n = source.Count(int.MaxValue); n > 0; n--)
            lanes.Add((source.VarInt(), source.VarInt(), source.Byte() != 0, 0));

        var patterns = new List<(BlockPattern Pattern, int Stream, int Lane)>();
        for (int n = source.Count(int.MaxValue); n > 0; n--)
        {
            var pattern = new BlockPattern(
                ids[source.Count(int.MaxValue)], (MarketEventKind)source.Byte(), (Side)source.Byte(), (MarketEventFlags)source.VarUInt(), (Channel)source.Byte(),
                source.Byte(), 0, source.Int32());
            patterns.Add((pattern, source.Count(int.MaxValue), source.Count(int.MaxValue)));
        }

        for (long n = source.VarInt(); n > 0; n--)
            source.Bytes(source.Count(TextIdTable.LengthMax));

        int runs = source.Count(int.MaxValue);
        int headers = source.Count(int.MaxValue);
        Queue<long> patternOf = Column(ref source, runs), lengths = Column(ref source, runs);
        Queue<long> receives = Column(ref source, headers), exchanges = Column(ref source, headers);
        Queue<long> sequences = Column(ref source, headers), auxes = Column(ref source, headers);
        Queue<long> firstPrices = Column(ref source, runs), prices = Column(ref source, header.EventCount - runs);
        Queue<long> quantities = Column(ref source, header.EventCount);

        var events = new List<MarketEvent>();
        var echoes = new Dictionary<int, (int Message, int At, List<(long Price, long Quantity)> Previous, List<(long, long)> Current)>();
        int message = 0;
        long receive = header.FirstReceiveTime.Value, exchange = 0, sequence = 0, aux = 0;
        while (patternOf.TryDequeue(out long number))
        {
            (BlockPattern pattern, int streamNumber, int lane) = patterns[(int)(number / 2)];
            if (number % 2 == 0)
            {
                message++;
                (StreamModes modes, long lastExchange, long lastSequence, long lastAux) = streams[streamNumber];
                receive += receives.Dequeue();
                exchange = exchanges.Dequeue() + (modes.HasFlag(StreamModes.ExchangeFromReceive) ? receive : lastExchange);
                aux = auxes.Dequeue() + (modes.HasFlag(StreamModes.AuxFromSequence) ? lastSequence : lastAux);
                sequence = sequences.Dequeue() + lastSequence;
                streams[streamNumber] = (modes, exchange, sequence, aux);
            }

            (long lanePrice, long mark, bool isEcho, long laneQuantity) = lanes[lane];
            echoes.TryAdd(lane, (0, 0, [], []));
            if (echoes[lane].Message != message)
                echoes[lane] = (message, 0, echoes[lane].Current, []);
            long left = lengths.Dequeue();
            for (bool isFirst = true; left >= 0; left--, isFirst = false)
            {
                long difference = (isFirst ? firstPrices : prices).Dequeue() * pattern.PriceSign;
                (int _, int at, List<(long Price, long Quantity)> previous, List<(long, long)> current) = echoes[lane];
                long price = difference + (isEcho && at < previous.Count ? previous[at].Price : lanePrice);
                long quantity = quantities.Dequeue();
                bool isMark = mark != 0 && quantity == mark;
                if (isEcho)
                {
                    while (at < previous.Count && (price - previous[at].Price) * pattern.PriceSign > 0)
                        at++;
                    bool isKnown = at < previous.Count && previous[at].Price == price;
                    quantity = isMark ? previous[at].Quantity : quantity;
                    current.Add((price, quantity));
                    echoes[lane] = (message, isKnown ? at + 1 : at, previous, current);
                }
                else if (isFirst)
                {
                    quantity = isMark ? laneQuantity : quantity;
                    lanes[lane] = (price, mark, isEcho, quantity);
                }

                lanePrice = price;
                if (isEcho)
                    lanes[lane] = (price, mark, isEcho, quantity);
                BlockPattern tail = left == 0 ? pattern : pattern with { Flags = pattern.Flags & ~MarketEventFlags.LastInMessage };
                var e = new MarketEvent
                {
                    ReceiveTime = new(receive),
                    ExchangeTime = new(exchange),
                    Price = new(price),
                    Quantity = new(quantity),
                    Sequence = sequence,
                    Aux = aux,
                };
                Unsafe.As<InstrumentId, BlockPattern>(ref e.Instrument) = tail;
                events.Add(e);
            }
        }

        return events;
    }

    private static Queue<long> Column(ref ByteSource source, int count)
    {
        var values = new Queue<long>();
        var encoding = (ColumnEncoding)source.Byte();
        if (encoding == ColumnEncoding.Constant)
        {
            long value = source.VarInt();
            while (values.Count < count)
                values.Enqueue(value);
            return values;
        }

        long scale = (long)source.VarUInt();
        if (encoding == ColumnEncoding.Packed)
            return Packed(ref source, count, scale);
        int width = source.Byte();
        long minimum = source.VarInt();
        while (values.Count < count)
        {
            ulong above = 0;
            for (int i = 0; i < width; i++)
                above |= (ulong)source.Byte() << (8 * i);
            values.Enqueue(((long)above + minimum) * scale);
        }

        return values;
    }

    private static Queue<long> Packed(ref ByteSource source, int count, long scale)
    {
        List<(int Class, long Exact, byte Length)> symbols = [];
        for (int n = source.Count(int.MaxValue); n > 0; n--)
            symbols.Add((source.Byte(), 0, source.Byte()));
        long value = 0;
        for (int n = source.Count(int.MaxValue); n > 0; n--)
            symbols.Add((-1, value += source.VarInt(), source.Byte()));

        // Canonical codes: counted upwards, shortest first, in order of symbol.
        Dictionary<(int Length, int Code), int> codes = [];
        int code = 0;
        for (int length = 0; length <= PackedColumn.MaxCodeBits; length++, code <<= 1)
        {
            for (int symbol = 0; symbol < symbols.Count; symbol++)
            {
                if (symbols[symbol].Length == length)
                    codes.Add((length, code++), symbol);
            }
        }

        int escapes = source.Count(int.MaxValue);
        ByteSource escaped = source;
        source.Bytes(escapes * 8);
        long[] values = new long[count];
        List<int> escapedAt = [];
        for (int stream = 0; stream < PackedColumn.Streams; stream++)
        {
            ReadOnlySpan<byte> bytes = source.Bytes(source.Count(int.MaxValue));
            int position = 0;
            for (int i = stream; i < count; i += PackedColumn.Streams)
            {
                (int length, code) = (0, 0);
                int symbol;
                while (!codes.TryGetValue((length, code), out symbol))
                    (length, code) = (length + 1, code << 1 | Bit(bytes, position++));
                (int valueClass, values[i], _) = symbols[symbol];
                if (valueClass == ValueClass.Escape)
                    escapedAt.Add(i);
                if (valueClass is < 0 or ValueClass.Escape)
                    continue;
                ulong magnitude = ValueClass.Base(valueClass);
                for (int bit = 0; bit < ValueClass.ExtraBits(valueClass); bit++)
                    magnitude |= (ulong)Bit(bytes, position++) << bit;
                values[i] = (valueClass & 1) == 0 ? (long)magnitude : ~(long)magnitude;
            }
        }

        foreach (int i in escapedAt.Order())
            values[i] = (long)escaped.UInt64();
        return new Queue<long>(values.Select(v => v * scale));
    }

    private static int Bit(ReadOnlySpan<byte> bytes, int position) => bytes[position >> 3] >> (position & 7) & 1;
}
