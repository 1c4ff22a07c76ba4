using Crpbot.Messages;
using Crpbot.Training.Evaluation;
using Xunit;

namespace Crpbot.Training.Tests.Evaluation;

public class NetValueTests
{
    private static ScoredSample At(int block, double probabilityUp, double move) =>
        new(new UnixNanos(block * UnixNanos.PerHour), 0, probabilityUp, move > 0, double.NaN) { Return = move, Row = block };

    [Fact]
    public void HandMadeTradesEarnWhatTheyEarn()
    {
        // Long +10 bps, short into −4, long into −2, short into +8, a flat one, and one below every threshold but the first.
        ScoredSample[] asked = [At(0, 0.8, 10e-4), At(1, 0.2, -4e-4), At(2, 0.7, -2e-4), At(3, 0.3, 8e-4), At(4, 0.66, 0), At(5, 0.51, 3e-4)];
        NetFigures[] trades = NetValue.Of(asked, 15, costBps: 2, confidence: 0.65).Trades;
        Assert.Equal([0.5, 0.55, 0.65, 0.75], trades.Select(t => t.Confidence));
        Assert.Equal([6, 5, 5, 2], trades.Select(t => (int)t.Trades));
        NetFigures traded = trades[2];
        Assert.Equal((3L, 2L, 5), (traded.Longs, traded.Shorts, traded.Blocks));
        Assert.Equal((10 + 4 - 2 - 8 + 0) / 5.0, traded.GrossBps.Value, 1e-9);
        Assert.Equal((10 + 4 - 2 - 8 + 0) / 5.0 - 2, traded.NetBps.Value, 1e-9);
        Assert.Equal(2 / 5.0, traded.WinRate, 1e-12);
        Assert.Equal(24 / 5.0, traded.MeanMoveBps, 1e-9);
        Assert.Equal(0.5 + 2 / (2 * 4.8), traded.BreakEvenAccuracy, 1e-9);
        Assert.Equal((10 + 4) / 2.0 - 2, trades[3].NetBps.Value, 1e-9);
    }

    [Theory]
    [InlineData(400, 9e-4, 6.5, "GO", "above 0")]
    [InlineData(400, 9e-4, 12, "NO-GO", "loses")]
    [InlineData(10, 9e-4, 6.5, "NO-GO", "tell profit from luck")]
    [InlineData(0, 9e-4, 6.5, "NO-GO", "no trade")]
    public void OnlyAnIntervalAboveZeroIsAGo(int trades, double edge, double costBps, string verdict, string reason)
    {
        var random = new Random(3);
        ScoredSample[] asked = [At(9_999, 0.5, 1e-4), .. Enumerable.Range(0, trades).Select(i => At(i, 0.7, edge + (random.NextDouble() - 0.5) * 2e-3))];
        NetValue net = NetValue.Of(asked, 15, costBps, 0.65);
        Assert.Equal(verdict, net.Verdict);
        Assert.Contains(net.Reasons, r => r.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void NoiseAroundTheCostsIsNoGo()
    {
        var random = new Random(4);
        ScoredSample[] asked = [.. Enumerable.Range(0, 300).Select(i => At(i, 0.7, 6.5e-4 + (random.NextDouble() - 0.5) * 1e-2))];
        NetValue net = NetValue.Of(asked, 15, 6.5, 0.65);
        Assert.Equal("NO-GO", net.Verdict);
        Assert.Contains("contains 0", net.Reasons[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.65, 0.05, "PASS")]
    [InlineData(0.65, 0.0501, "TUNE")]
    [InlineData(0.6499, 0.01, "TUNE")]
    [InlineData(0.55, 0.2, "TUNE")]
    [InlineData(0.5499, 0.001, "INVESTIGATE")]
    [InlineData(double.NaN, double.NaN, "INVESTIGATE")]
    public void ThePlansGateReadsItsOwnThresholds(double accuracy, double calibrationError, string verdict) =>
        Assert.Equal(verdict, PlanGate.Of(accuracy, calibrationError));
}
