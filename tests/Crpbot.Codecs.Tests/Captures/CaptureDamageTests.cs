using Crpbot.Codecs.Captures;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Codecs.Tests.Captures;

public sealed class CaptureDamageTests : IDisposable
{
    private const int BlockEvents = 20;
    private readonly TemporaryFolder _folder = new();
    private readonly MarketEvent[] _events = EventMaker.Market(31, 5 * BlockEvents - 7);
    private readonly byte[] _bytes;
    private readonly long[] _blockStarts;

    public CaptureDamageTests()
    {
        string path = _folder.File("whole.crp");
        CaptureFiles.Write(path, _events, BlockEvents);
        _bytes = File.ReadAllBytes(path);
        List<long> starts = [];
        for (int at = 0; (at = _bytes.AsSpan(at).IndexOf(BlockHeader.Magic) is var found && found >= 0 ? at + found : -1) >= 0; at++)
            starts.Add(at);
        _blockStarts = [.. starts];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void CutAtAnyByteEveryCompleteBlockIsReadAndTheLossReported()
    {
        Assert.Equal(5, _blockStarts.Length);
        long footer = _bytes.AsSpan().IndexOf(CaptureIndex.Magic);
        for (int length = 0; length < _bytes.Length; length++)
        {
            if (length < _blockStarts[0])
            {
                Assert.Throws<InvalidDataException>(() => Read(_bytes.AsSpan(0, length), out _));
                continue;
            }

            List<MarketEvent> events = Read(_bytes.AsSpan(0, length), out List<CaptureDamage> damage);
            int whole = _blockStarts.Skip(1).Append(footer).Count(end => end <= length);
            CaptureFiles.AssertSame(_events.AsSpan(0, Math.Min(whole * BlockEvents, _events.Length)), events);
            Assert.Equal(CaptureDamageKind.NoFooter, damage[0].Kind);
            bool isBetweenBlocks = length >= footer || _blockStarts.Contains(length);
            Assert.Equal(isBetweenBlocks ? 1 : 2, damage.Count);
            if (isBetweenBlocks)
                continue;
            Assert.Equal(CaptureDamageKind.CutBlock, damage[1].Kind);
            Assert.Equal(_blockStarts[whole], damage[1].Offset);
            Assert.Equal(length - _blockStarts[whole], damage[1].Bytes);
            Assert.Equal(length - _blockStarts[whole] < BlockHeader.Size ? -1 : Math.Min(BlockEvents, _events.Length - whole * BlockEvents), damage[1].EventsLost);
        }
    }

    [Fact]
    public void AnyFlippedBitCostsItsBlockAndIsNamed()
    {
        long footer = _bytes.AsSpan().IndexOf(CaptureIndex.Magic);
        byte[] bytes = [.. _bytes];
        MarketEvent[][] withoutBlock = [.. Enumerable.Range(-1, 6).Select(block => _events.Where((_, i) => i / BlockEvents != block).ToArray())];
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            int at = bit / 8;
            bytes[at] ^= (byte)(1 << (bit % 8));
            if (at < _blockStarts[0])
            {
                Assert.Throws<InvalidDataException>(() => Read(bytes, out _));
            }
            else
            {
                List<MarketEvent> events = Read(bytes, out List<CaptureDamage> damage);
                int block = at >= footer ? -1 : Array.FindLastIndex(_blockStarts, start => start <= at);
                CaptureFiles.AssertSame(withoutBlock[block + 1], events);
                Assert.NotEmpty(damage);
                Assert.Equal(_events.Length, events.Count + damage.Sum(d => Math.Max(0, d.EventsLost)));
                if (block >= 0)
                {
                    CaptureDamage only = Assert.Single(damage);
                    Assert.Equal(_blockStarts[block], only.Offset);
                    Assert.Equal(at - _blockStarts[block] < BlockHeader.Size ? CaptureDamageKind.BadBlockHeader : CaptureDamageKind.BadBlockHash, only.Kind);
                    Assert.Equal((block + 1 < 5 ? _blockStarts[block + 1] : footer) - _blockStarts[block], only.Bytes);
                }
            }

            bytes[at] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void BytesMissingInTheMiddleCostOneBlock()
    {
        int at = (int)_blockStarts[2] + BlockHeader.Size + 5;
        byte[] bytes = [.. _bytes[..at], .. _bytes[(at + 11)..]];
        List<MarketEvent> events = Read(bytes, out List<CaptureDamage> damage);
        CaptureFiles.AssertSame([.. _events.Where((_, i) => i / BlockEvents != 2)], events);
        Assert.Equal(CaptureDamageKind.BadBlockHash, Assert.Single(damage, d => d.EventsLost != 0).Kind);
    }

    [Fact]
    public void AMissingBlockIsCountedByTheNextOnesNumber()
    {
        byte[] bytes = [.. _bytes[..(int)_blockStarts[1]], .. _bytes[(int)_blockStarts[3]..]];
        List<MarketEvent> events = Read(bytes, out List<CaptureDamage> damage);
        CaptureFiles.AssertSame([.. _events.Where((_, i) => i / BlockEvents is not (1 or 2))], events);
        CaptureDamage missing = Assert.Single(damage, d => d.Kind == CaptureDamageKind.MissingBlocks);
        Assert.Equal((_blockStarts[1], 2 * BlockEvents), (missing.Offset, missing.EventsLost));
    }

    [Fact]
    public void ABlockThatStandsTwiceIsGivenOnce()
    {
        byte[] bytes = [.. _bytes[..(int)_blockStarts[2]], .. _bytes[(int)_blockStarts[1]..]];
        CaptureFiles.AssertSame(_events, Read(bytes, out List<CaptureDamage> damage));
        Assert.NotEmpty(damage);
    }

    [Fact]
    public void FilesThatAreNoCaptureAreRefusedByName()
    {
        foreach (byte[] bytes in (byte[][])[[], [1, 2, 3], [.. "timestamp,price\n1,2\n"u8], [.. new byte[100]]])
        {
            string path = _folder.File("no.crp");
            File.WriteAllBytes(path, bytes);
            Assert.False(CaptureFile.IsCapture(path));
            var refused = Assert.Throws<InvalidDataException>(() => CaptureReader.Open(path, EventMaker.Table()));
            Assert.Contains("no.crp: not a capture", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ANewerVersionIsRefusedByNumber()
    {
        string path = _folder.File("newer.crp");
        using (var writer = new CaptureWriter(path, EventMaker.Table(), CaptureFiles.Header with { FormatVersion = 2 }))
            writer.Complete();
        var refused = Assert.Throws<InvalidDataException>(() => CaptureReader.Open(path, EventMaker.Table()));
        Assert.Contains("version 2", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AMalformedBodyUnderARightHashIsDamageAndNothingElse(int seed)
    {
        // What only a defect of a writer could make: any body byte changed, hashes corrected.
        var random = new Random(seed);
        for (int round = 0; round < 500; round++)
        {
            byte[] bytes = [.. _bytes];
            int start = (int)_blockStarts[random.Next(5)];
            Assert.True(BlockHeader.TryRead(bytes.AsSpan(start), out BlockHeader header));
            for (int i = random.Next(1, 4); i > 0; i--)
                bytes[start + BlockHeader.Size + random.Next(header.StoredLength)] = (byte)random.Next(256);
            ulong hash = System.IO.Hashing.XxHash3.HashToUInt64(bytes.AsSpan(start + BlockHeader.Size, header.StoredLength));
            (header with { BodyHash = hash }).Write(bytes.AsSpan(start));
            try
            {
                Read(bytes, out _);
            }
            catch (InvalidDataException)
            {
                // The tick of a known Instrument was hit.
            }
        }
    }

    private List<MarketEvent> Read(ReadOnlySpan<byte> bytes, out List<CaptureDamage> damage)
    {
        string path = _folder.File("damaged.crp");
        File.WriteAllBytes(path, bytes);
        return CaptureFiles.Read(path, out damage);
    }
}
