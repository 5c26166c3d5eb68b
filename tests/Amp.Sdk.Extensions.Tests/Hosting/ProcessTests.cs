using Microsoft.Extensions.DependencyInjection;

namespace Amp.Sdk.Extensions.Tests.Hosting;

/// <summary>Tests that change the limit of the process on runs, which would make others wait.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessTests
{
    public const string Name = "The limit of the process";
}

[Collection(ProcessTests.Name)]
public sealed class ThrottleTests
{
    [Fact]
    public void The_limit_of_the_process_applies_from_the_first_client()
    {
        int? before = AmpThrottle.Limit;
        try
        {
            using TestHost host = TestHost.With(services => services.AddAmp().AddThrottle(3).AddThrottle(40));
            Assert.Equal(before, AmpThrottle.Limit);
            _ = host.Client;
            Assert.Equal(40, AmpThrottle.Limit);
            Assert.Throws<AmpValidationException>(() => new ServiceCollection().AddAmp().AddThrottle(0));
        }
        finally
        {
            AmpThrottle.Limit = before;
        }
    }
}
