using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Captures;

/// <summary>Gives an Instrument definition its id in the reader's table, allocating only at first sight.</summary>
internal sealed class DefinitionCache(InstrumentTable table)
{
    private readonly List<(byte[] Bytes, InstrumentId Id)> _known = [];

    /// <exception cref="MalformedBlockException">The bytes are no definition.</exception>
    /// <exception cref="InvalidDataException">The table knows it with other increments.</exception>
    public InstrumentId Read(ref ByteSource source)
    {
        ByteSource whole = source;
        ReadOnlySpan<byte> venue = Name(ref source);
        ReadOnlySpan<byte> symbol = Name(ref source);
        DecimalStep tick = Step(ref source);
        DecimalStep lot = Step(ref source);
        bool assumed = source.Byte() != 0;
        ReadOnlySpan<byte> bytes = whole.Bytes(source.Position - whole.Position);
        foreach ((byte[] known, InstrumentId id) in _known)
        {
            if (bytes.SequenceEqual(known))
                return id;
        }

        InstrumentId added = table.Define(Encoding.UTF8.GetString(venue), Encoding.UTF8.GetString(symbol), tick, lot, assumed).Id;
        _known.Add((bytes.ToArray(), added));
        return added;
    }

    private static ReadOnlySpan<byte> Name(ref ByteSource source)
    {
        ReadOnlySpan<byte> name = source.Bytes(source.Count(256));
        return name.Length > 0 ? name : throw new MalformedBlockException("an instrument without a venue or symbol");
    }

    private static DecimalStep Step(ref ByteSource source)
    {
        long mantissa = (long)source.VarUInt();
        int scale = source.Byte();
        return mantissa > 0 && scale <= 18 ? new DecimalStep(mantissa, scale) : throw new MalformedBlockException("a tick or lot size is no positive decimal");
    }
}
