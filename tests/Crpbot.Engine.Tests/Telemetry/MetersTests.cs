using Crpbot.Telemetry;
using Xunit;

namespace Crpbot.Engine.Tests.Telemetry;

public sealed class MetersTests
{
    [Fact]
    public void TheMeterCountsItsOwnThreadOnly()
    {
        AllocationMeter meter = new();
        meter.Mark();
        Thread other = new(() => GC.KeepAlive(new byte[1_000_000]));
        other.Start();
        other.Join();
        meter.Update();
        Assert.InRange(meter.AllocatedBytes, 0, 100_000);
        meter.Mark();
        meter.Update();
        Assert.Equal(0, meter.AllocatedBytes);
        GC.KeepAlive(new byte[10_000]);
        meter.Update();
        Assert.InRange(meter.AllocatedBytes, 10_000, 20_000);
    }

    [Fact]
    public void CollectionsSinceTheMarkAreCounted()
    {
        AllocationMeter meter = new();
        meter.Mark();
        GC.Collect(0);
        meter.Update();
        Assert.InRange(meter.Gen0, 1, 100);
    }

    [Fact]
    public void OnlyTheMarkingThreadMayUpdate()
    {
        AllocationMeter meter = new();
        Thread other = new(meter.Mark);
        other.Start();
        other.Join();
        Assert.Throws<InvalidOperationException>(meter.Update);
    }

    [Fact]
    public void ACounterAddsUp()
    {
        Counter counter = new();
        counter.Add();
        counter.Add(41);
        Assert.Equal(42, counter.Value);
    }

    [Fact]
    public void AStallIsChargedToEveryWakeItDelayed()
    {
        LatencyRecorder recorder = new("hiccup");
        HiccupMeter.RecordStall(recorder, 3_500_000);
        HiccupMeter.RecordStall(recorder, 10);
        LatencySnapshot summary = recorder.Snapshot().Summarize();
        Assert.Equal(5, summary.Count);
        Assert.Equal(10, summary.Min);
        Assert.InRange(summary.Max, 3_500_000, 3_504_000);
    }

    [Fact]
    public void TheHiccupMeterRunsUntilDisposed()
    {
        HiccupMeter meter = new();
        SpinWait.SpinUntil(() => meter.Snapshot().Count > 3, TimeSpan.FromSeconds(20));
        meter.Dispose();
        long count = meter.Snapshot().Count;
        Assert.True(count > 3);
        Assert.Equal(count, meter.Snapshot().Count);
    }

    [Fact]
    public void TheMachineIsNamedOnOneLine()
    {
        string line = MachineLine.Describe();
        Assert.Contains($"{Environment.ProcessorCount} cores", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }
}
