using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Crpbot.Engine.Tests.Datasets.Lake;

/// <summary>A test of the suite that every lake passes; skipped with a reason in classes whose server is absent.</summary>
[XunitTestCaseDiscoverer("Crpbot.Engine.Tests.Datasets.Lake.LakeFactDiscoverer", "Crpbot.Engine.Tests")]
public sealed class LakeFactAttribute : FactAttribute;

/// <summary>Marks the test class that talks to Swift.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsSwiftAttribute : Attribute;

public sealed class LakeFactDiscoverer(IMessageSink messages) : IXunitTestCaseDiscoverer
{
    public IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        [new LakeTestCase(messages, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod)];
}

public sealed class LakeTestCase : XunitTestCase
{
    [Obsolete("For the deserializer alone", error: true)]
    public LakeTestCase()
    {
    }

    public LakeTestCase(IMessageSink messages, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method)
        : base(messages, display, options, method)
    {
    }

    protected override string? GetSkipReason(IAttributeInfo factAttribute) =>
        TestMethod.TestClass.Class.GetCustomAttributes(typeof(NeedsSwiftAttribute)).Any() ? SwiftServer.Absent : null;
}
