using Crpbot.Disruptor;
using Xunit;

namespace Crpbot.Stress.Disruptor;

/// <summary>Two and more threads on one ring: the real sequencers must hold, every broken twin must be caught, and neither may be inconclusive.</summary>
public sealed class RingStressTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("yielding")]
    [InlineData("blocking")]
    public void OneProducerHolds(string strategy) =>
        Holds(RingStress.Line(capacity => new SingleProducerSequencer(capacity, New(strategy)), producers: 1, Limit));

    [Theory]
    [InlineData("yielding")]
    [InlineData("blocking")]
    public void ThreeProducersHold(string strategy) =>
        Holds(RingStress.Line(capacity => new MultiProducerSequencer(capacity, New(strategy)), producers: 3, Limit));

    [Theory]
    [InlineData("yielding")]
    [InlineData("blocking")]
    public void ADiamondHolds(string strategy) =>
        Holds(RingStress.Diamond(capacity => new SingleProducerSequencer(capacity, New(strategy)), lastWaitsForBoth: true, Limit));

    [Fact]
    public void ThePlainSequencerHolds() => Holds(RingStress.Line(capacity => new PlainSequencer(capacity), producers: 2, Limit));

    [Fact]
    public void IgnoringTheGateIsCaught() => Breaks(RingStress.Line(capacity => new GatingIgnored(capacity), producers: 1, Limit));

    [Fact]
    public void PublishingBeforeWritingIsCaught() =>
        Breaks(RingStress.Line(capacity => new PublishedBeforeWritten(capacity), producers: 1, Limit));

    [Fact]
    public void ClaimingWithoutAtomicsIsCaught() =>
        Breaks(RingStress.Line(capacity => new ClaimedWithoutAtomics(capacity), producers: 2, Limit));

    [Fact]
    public void ALastStageThatSkipsABranchIsCaught() =>
        Breaks(RingStress.Diamond(capacity => new SingleProducerSequencer(capacity, new YieldingWaitStrategy()), lastWaitsForBoth: false, Limit));

    [Fact]
    public void ARunWithoutTimeIsInconclusive() => Assert.Equal(
        StressVerdict.Inconclusive,
        RingStress.Line(capacity => new SingleProducerSequencer(capacity, New("yielding")), producers: 1, TimeSpan.Zero).Verdict);

    private static WaitStrategy New(string strategy) => strategy == "yielding" ? new YieldingWaitStrategy() : new BlockingWaitStrategy();

    private static void Holds(StressOutcome outcome) => Assert.True(outcome.Verdict == StressVerdict.Held, outcome.ToString());

    private static void Breaks(StressOutcome outcome) => Assert.True(outcome.Verdict == StressVerdict.Broken, outcome.ToString());
}
