#Requires -Version 7.4

# A share of what Amp.Attack does: the same in every run. By hand it takes more of them, or others, with --count and --seed.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $layout = Get-AmpTestLayout
}

Describe 'Mutated input' {
    It 'of the <Part> reaches nothing that it must not' -ForEach @(
        @{ Part = 'gate'; Count = 3000; Line = '^gate: seed 20261129, 3000 scripts, (?<refused>\d+) refused by their syntax, (?<through>\d+) let through, \d{3} of them run \(\d+ ended with an error, .*0 canaries reached' }
        @{ Part = 'settings'; Count = 2000; Line = '^settings: seed 20261129, 2000 pairs of files, (?<refused>\d+) refused, (?<through>\d+) taken, \d+ rejects held, 0 lost' }
        @{ Part = 'paths'; Count = 200; Line = '^paths: seed 20261129, 200 trees, (?<through>\d+) files read, (?<refused>\d+) refused, \d+ programs found outside of the project, 0 inside' }
        @{ Part = 'requests'; Count = 400; Line = '^requests: seed 20261129, (?<refused>400) requests of strangers, \d+ of them never ended, 0 heard; (?<through>400) calls of clients in between, all answered' }
    ) {
        if ($Part -eq 'paths' -and -not $IsLinux) {
            Set-ItResult -Skipped -Because 'it makes links, pipes and devices as Linux has them'
        }

        $output = & $layout.Attack $Part --count $Count --seed 20261129 --run-one-in 6 --powershell $layout.PowerShell 2>&1 | Out-String
        $LASTEXITCODE | Should -Be 0 -Because $output
        $output | Should -Match $Line
        # A mill that only grinds dust, or nothing at all, would show nothing.
        $null = $output -match $Line
        [int] $Matches.refused | Should -BeGreaterThan ($Count / 20)
        [int] $Matches.through | Should -BeGreaterThan ($Count / 20)
    }

    It 'that is not known is said to be so' {
        $output = & $layout.Attack nothing 2>&1 | Out-String
        $LASTEXITCODE | Should -Be 2
        $output | Should -Match "There is no part 'nothing'"
    }
}
