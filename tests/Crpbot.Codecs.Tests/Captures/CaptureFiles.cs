using System.Runtime.InteropServices;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Codecs.Tests.Captures;

/// <summary>Writes and reads whole captures for the tests.</summary>
internal static class CaptureFiles
{
    public static readonly CaptureHeader Header = new("test 1.0", "made up", new UnixNanos(1_700_000_000_000_000_000));

    public static void Write(string path, ReadOnlySpan<MarketEvent> events, int blockEvents = 65_536, InstrumentTable? table = null)
    {
        using var writer = new CaptureWriter(path, table ?? EventMaker.Table(), Header, new CaptureOptions { BlockEvents = blockEvents });
        writer.Write(events);
        writer.Complete();
    }

    public static List<MarketEvent> Read(string path, out List<CaptureDamage> damage, InstrumentTable? table = null)
    {
        using CaptureReader reader = CaptureReader.Open(path, table ?? EventMaker.Table());
        List<MarketEvent> events = ReadAll(reader);
        damage = [.. reader.Damage];
        return events;
    }

    /// <summary>Compares bytes: the structure's own Equals reflects over its fields.</summary>
    public static void AssertSame(ReadOnlySpan<MarketEvent> expected, List<MarketEvent> actual)
    {
        Assert.Equal(expected.Length, actual.Count);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!MemoryMarshal.AsBytes(expected.Slice(i, 1)).SequenceEqual(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(actual).Slice(i, 1))))
                Assert.Fail($"event {i} differs");
        }
    }

    public static List<MarketEvent> ReadAll(CaptureReader reader)
    {
        List<MarketEvent> events = [];
        while (reader.ReadBlock(out ReadOnlySpan<MarketEvent> batch))
            events.AddRange(batch);
        return events;
    }
}
