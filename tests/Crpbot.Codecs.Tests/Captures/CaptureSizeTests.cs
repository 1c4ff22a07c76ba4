using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Crpbot.Codecs.Tests.Captures;

/// <summary>A capture against the csv.gz of the same events.</summary>
public sealed class CaptureSizeTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [MarketDataTheory("tardis-csv-layout/binance_incremental_book_L2_2024-08-08_BTCUSDT.csv.gz")]
    [InlineData("incremental_book_L2", 0.5)]
    [InlineData("trades", 0.5)]
    [InlineData("book_ticker", 0.5)]
    [InlineData("book_snapshot_25", 0.5)]
    public void ACaptureOfRealEventsIsMuchSmallerThanTheirCsvGz(string type, double atMost)
    {
        foreach (string symbol in (string[])["BTCUSDT", "ETHUSDT"])
        {
            string csv = MarketData.Path($"tardis-csv-layout/binance_{type}_2024-08-08_{symbol}.csv.gz");
            var table = new InstrumentTable();
            var texts = new TextIdTable();
            var events = new MarketEventBuffer();
            using (TardisCsvReader reader = TardisCsvReader.Open(csv, table, texts))
            {
                while (reader.ReadMessage(events))
                {
                }

                Assert.Equal(0, reader.Refused);
            }

            string path = _folder.File($"{symbol}.crp");
            using (var writer = new CaptureWriter(path, table, CaptureFiles.Header, texts: texts))
            {
                writer.Write(events.Events);
                writer.Complete();
            }

            double share = (double)new FileInfo(path).Length / new FileInfo(csv).Length;
            output.WriteLine($"{symbol} {type}: {events.Count} events, {8.0 * new FileInfo(path).Length / events.Count:F1} bits an event, {share:P1} of csv.gz");
            Assert.InRange(share, 0, atMost);
            CaptureFiles.AssertSame(events.Events, CaptureFiles.Read(path, out List<CaptureDamage> damage, table));
            Assert.Empty(damage);
        }
    }
}
