using System.IO.Hashing;
using System.Text;
using Crpbot.Codecs.Instruments;

namespace Crpbot.Features;

// Saving and restoring: an engine restored between two messages continues bit for bit.
public sealed partial class FeatureEngine
{
    /// <summary>Changes with any change to what is saved.</summary>
    private const int CheckpointVersion = 1;
    private static readonly byte[] Magic = "crpbot-features"u8.ToArray();

    /// <summary>Writes all state, with a checksum, such that <see cref="Load"/> gives an engine that continues bit for bit.</summary>
    /// <exception cref="InvalidOperationException">A message has been applied by half; save between messages.</exception>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (_book.InMessage)
            throw new InvalidOperationException($"the features of {Instrument} are in the middle of a message; save after its last event");
        using var body = new MemoryStream();
        using (var writer = new BinaryWriter(body, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Identity());
            writer.Write(Bars);
            writer.Write(_refusedEvents);
            writer.Write(_hasHeartbeats);
            _candles.Save(writer);
            _microstructure.Save(writer);
            _bars.Save(writer);
            _book.Save(writer);
        }

        ReadOnlySpan<byte> bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        stream.Write(Magic);
        stream.Write(BitConverter.GetBytes(bytes.Length));
        stream.Write(BitConverter.GetBytes(XxHash3.HashToUInt64(bytes)));
        stream.Write(bytes);
    }

    /// <summary>Restores an engine.</summary>
    /// <param name="stream">What <see cref="Save"/> wrote; read to its end and no further.</param>
    /// <param name="instrument">Must be the one that was saved: name, tick and lot.</param>
    /// <param name="options">Must be those that were saved, capacities aside.</param>
    /// <exception cref="InvalidDataException">It is damaged, or of another schema, Instrument or set of options.</exception>
    public static FeatureEngine Load(Stream stream, Instrument instrument, FeatureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var engine = new FeatureEngine(instrument, options);
        byte[] bytes = ReadBody(stream);
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        try
        {
            string saved = reader.ReadString();
            if (saved != engine.Identity())
                throw new InvalidDataException($"feature checkpoint is of '{saved}', wanted '{engine.Identity()}'; rebuild it from history");
            engine.Bars = reader.ReadInt64();
            engine._refusedEvents = reader.ReadInt64();
            if (reader.ReadBoolean())
                engine.BeginHeartbeats();
            engine._candles.Load(reader);
            engine._microstructure.Load(reader);
            engine._bars.Load(reader);
            engine._book.Load(reader);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("feature checkpoint ends early; rebuild it from history", e);
        }

        return engine;
    }

    private static byte[] ReadBody(Stream stream)
    {
        try
        {
            byte[] header = new byte[Magic.Length + sizeof(int) + sizeof(ulong)];
            stream.ReadExactly(header);
            int length = BitConverter.ToInt32(header, Magic.Length);
            if (!header.AsSpan(0, Magic.Length).SequenceEqual(Magic) || length < 0)
                throw new InvalidDataException("no feature checkpoint: the first bytes are others");
            byte[] bytes = new byte[length];
            stream.ReadExactly(bytes);
            return XxHash3.HashToUInt64(bytes) == BitConverter.ToUInt64(header, Magic.Length + sizeof(int))
                ? bytes
                : throw new InvalidDataException("feature checkpoint is damaged: its checksum does not fit; rebuild it from history");
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("feature checkpoint ends early; rebuild it from history", e);
        }
    }

    private string Identity() =>
        FormattableString.Invariant(
            $"{Instrument.Name} tick {Instrument.Tick} lot {Instrument.Lot} quiet {Options.QuietLimitNanos} {Options.LimitBeforeHeartbeats} sides {Options.SideCheckTrades} ") +
        $"schema {FeatureSchema.Hash} checkpoint {CheckpointVersion}";
}
