#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    . (Join-Path $PSScriptRoot 'HelpExamples/Pages.ps1')
    $missing = Get-AmpTestGap MarchCli
    if ($IsWindows) {
        $missing = ' (not run: what stands in for npm and npx is no program for Windows)'
    } elseif (-not $missing -and -not (Get-Command git -CommandType Application -ErrorAction Ignore)) {
        $missing = ' (not run: git is not on PATH)'
    }

    $pages = Get-HelpPage
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    . (Join-Path $PSScriptRoot 'HelpExamples/Pages.ps1')
    . (Join-Path $PSScriptRoot 'HelpExamples/Output.ps1')
}

# Two share the work: most of the time goes into starts of the CLI, each of which keeps one processor busy.
Describe "The examples of the help$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $run = Invoke-HelpPage (Get-HelpPage) -Shells 2
    }

    Context '<Name>' -ForEach $pages {
        It 'does what it says: <Number>: <Title>' -ForEach $_.Examples {
            $result = $run.Results["$Name $Number"]
            $result | Should -Not -BeNullOrEmpty -Because "it must have been run; $($run.Error)"
            $result.Problems | Should -BeNullOrEmpty
            Compare-HelpOutput $Shown $result.Output | Should -BeNullOrEmpty -Because "this was shown:`n$($result.Output)"
        }

        It 'leaves no process' {
            $run.Left[$Name] | Should -BeNullOrEmpty
        }
    }
}
