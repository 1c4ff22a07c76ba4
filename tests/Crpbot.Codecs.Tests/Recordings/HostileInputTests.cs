using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Normalization;
using Crpbot.Codecs.Recordings;
using Crpbot.Codecs.Tardis;
using CsCheck;
using Xunit;

namespace Crpbot.Codecs.Tests.Recordings;

/// <summary>Whatever stands in a file, it is read to its end and counted; nothing throws.</summary>
public class HostileInputTests
{
    private static readonly string[] Lines =
    [
        "2019-06-01T00:00:03.1238784Z {\"type\":\"match\",\"trade_id\":7,\"side\":\"buy\",\"size\":\"0.50\",\"price\":\"4.970\",\"product_id\":\"A-B\",\"time\":\"2019-08-01T00:00:03.816000Z\"}",
        "1723161253937085768 {\"stream\":\"xy@depth\",\"data\":{\"s\":\"XY\",\"E\":1723161256300,\"U\":1,\"u\":2,\"b\":[[\"1\",\"2\"]],\"a\":[]}}",
        "1723161253937085768 {\"lastUpdateId\":7,\"bids\":[[\"1\",\"2\"]],\"asks\":[]}",
        "{\"t\":\"recv\",\"conn\":\"c\",\"ts\":1633998512.0633569,\"data\":\"{\\\"stream\\\":\\\"xy@trade\\\",\\\"data\\\":{\\\"s\\\":\\\"\\u00e9\\\",\\\"t\\\":1,\\\"T\\\":1633998512063}}\"}",
        "{\"t\":\"http\",\"ts\":1633998512,\"url\":\"u?symbol=XY&l=1\",\"data\":\"{\\\"lastUpdateId\\\":7,\\\"bids\\\":[],\\\"asks\\\":[]}\"}",
        "https://x/depth?symbol=XY -> 1617647603.8164911: {\"lastUpdateId\":7,\"bids\":[],\"asks\":[]}",
        "wss://feed <-> 1618677816.8434298",
        "1618677829.4469278: {\"type\":\"l2update\",\"product_id\":\"A-B\",\"changes\":[[\"buy\",\"1\",\"2\"]],\"time\":\"2019-08-01T00:00:03.816000Z\"}",
        "{\"localTimestamp\":\"2019-06-01T00:00:03.123Z\",\"message\":{\"type\":\"snapshot\",\"product_id\":\"A-B\",\"bids\":[[\"1\",\"2\"]],\"asks\":[]}}",
        "{\"stream\":\"xy@markPrice\",\"data\":{\"e\":\"markPriceUpdate\",\"s\":\"XY\",\"E\":1,\"p\":\"1\",\"i\":\"2\",\"r\":\"3\",\"T\":4}}",
        "",
        "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount",
        "x,S,1600000000000001,1600000000000002.5,true,bid,5,1",
        "x,S,1600000000000001,1600000000000003,false,ask,6,0",
    ];

    private static readonly Gen<byte[]> Hostile = Gen.Select(Gen.Int[0, 13].Select(i => Lines[i]).Array[1, 12], Gen.Select(Gen.Int[0, 4000], Gen.Byte).Array[0, 12], Gen.Int[0, 4000])
        .Select((lines, flips, cut) =>
        {
            byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
            foreach ((int at, byte value) in flips)
                text[at % text.Length] = value;
            return cut % 3 == 0 ? text[..(cut % (text.Length + 1))] : text;
        });

    [Fact]
    public void RecordingsAreReadToTheirEndAndNormalised() =>
        Hostile.Sample(text =>
        {
            foreach (string exchange in new[] { "coinbase", "binance", "binance-futures" })
            {
                using var normalizer = new TardisNormalizer(exchange, withDisconnects: true);
                using var reader = new RawRecordingReader(new MemoryStream(text));
                while (reader.Read(out RawFrame frame))
                {
                    Assert.Equal(frame.Kind == RawFrameKind.Damage, frame.Damage != RecordingDamage.None);
                    NormalizeResult result = normalizer.Normalize(frame);
                    Assert.Equal(result.Messages, normalizer.Lines.Count((byte)'\n'));
                }

                Assert.Equal(text.Length, reader.BytesRead);
            }
        }, iter: 5_000);

    [Fact]
    public void GzipFilesWithAnyFlippedBytesEnd() =>
        Gen.Select(Hostile, Gen.Select(Gen.Int[0, 4000], Gen.Byte).Array[1, 4]).Sample((text, flips) =>
        {
            byte[] compressed = RecordedFrame.Gzip(Encoding.UTF8.GetString(text) + "\n");
            foreach ((int at, byte value) in flips)
                compressed[2 + at % (compressed.Length - 2)] = value;
            using var reader = new RawRecordingReader(new MemoryStream(compressed));
            while (reader.Read(out _))
            {
            }
        }, iter: 2_000);

    [Fact]
    public void CsvRowsAreReadRefusedOrDropped() =>
        Hostile.Sample(text =>
        {
            byte[] csv = [.. Encoding.UTF8.GetBytes(Lines[11] + "\n"), .. text];
            using var reader = new TardisCsvReader(new MemoryStream(csv), new InstrumentTable(), new TextIdTable(16, 1024));
            var buffer = new MarketEventBuffer();
            long levels = 0;
            while (reader.ReadMessage(buffer))
            {
                levels += buffer.Events.ToArray().Count(e => e.Kind == Crpbot.Messages.MarketEventKind.BookDelta);
                Assert.True(buffer.Events[^1].IsLastInMessage);
                buffer.Clear();
            }

            Assert.True(levels + reader.Refused + reader.Dropped <= reader.Rows);
            Assert.Equal(csv.Length, reader.BytesRead);
        }, iter: 5_000);
}
