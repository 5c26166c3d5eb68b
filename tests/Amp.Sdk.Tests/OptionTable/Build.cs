using Amp.Testing;

namespace Amp.Sdk.Tests.OptionTable;

/// <summary>A build of the CLI that the table has a column for.</summary>
/// <param name="Date">The day of its release, which is also its name here.</param>
/// <param name="Version">Its version.</param>
/// <param name="Real">The real one among those of <c>tests/cli</c>; null where a fake one gives its version and help.</param>
internal sealed record Build(string Date, string Version, RealCliBuild? Real)
{
    public const string January8 = "2026-01-08";
    public const string January26 = "2026-01-26";
    public const string February = "2026-02-16";
    public const string March = "2026-03-24";
    public const string May = "2026-05-04";
    public const string September = "2026-09-23";

    public const string BothOfJanuary = $"{January8} {January26}";
    public const string FebruaryToMay = $"{February} {March} {May}";
    public const string UntilMay = $"{BothOfJanuary} {FebruaryToMay}";
    public const string FromJanuary26 = $"{January26} {FebruaryToMay} {September}";
    public const string Every = $"{UntilMay} {September}";

    public static IReadOnlyList<Build> All { get; } =
    [
        new(January8, "0.0.1767830505-ga62310", RealCliBuild.January2026),
        new(January26, "0.0.1769425000-g1e5104", RealCliBuild.LateJanuary2026),
        new(February, "0.0.1771243550-geaf318", null),
        new(March, "0.0.1774310664-gcb98ac", RealCliBuild.March2026),
        new(May, "0.0.1777897475-g2324e1", null),
        new(September, "0.0.1790142911-g7618fb", RealCliBuild.September2026),
    ];

    /// <summary>What makes the fake CLI answer as this build.</summary>
    public FakeCliScript Fake() => new FakeCliScript().Version($"{Version} (released {Date}T00:00:00.000Z, 1mo ago)").Help(Date);

    public override string ToString() => Date;
}
