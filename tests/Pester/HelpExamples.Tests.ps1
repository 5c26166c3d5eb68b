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

# Most of the time goes into starts of the CLI, each of which keeps one processor busy, and some into waiting: three share the work.
Describe "The examples of the help$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $run = Invoke-HelpPage (Get-HelpPage) -Shells 3
    }

    Context '<Name>' -ForEach $pages {
        It 'does what it says: <Number>: <Title>' -ForEach $_.Examples {
            $result = $run.Results["$Name $Number"]
            $result | Should -Not -BeNullOrEmpty -Because "it must have been run; $($run.Error)"
            $result.Problems | Should -BeNullOrEmpty
            if ($null -ne $Shown) {
                Compare-HelpOutput $Shown $result.Output | Should -BeNullOrEmpty -Because "this was shown:`n$($result.Output)"
            }
        }

        It 'leaves no process' {
            $run.Left[$Name] | Should -BeNullOrEmpty
        }
    }
}

Describe "The script of the page about automation$missing" -Skip:([bool] $missing) {
    It 'tells by its exit code how it went' {
        $page = (Get-Content -Raw (Join-Path (Get-AmpTestLayout).Root 'docs/help/about_Amp_Automation.md')).ReplaceLineEndings("`n")
        $place = Open-AmpTestPlace
        try {
            $service = Open-AmpLocalService $place -ScenarioFile (Join-Path $PSScriptRoot 'HelpExamples/scenario.json')
            $script = Join-Path $place.Root 'update-changelog.ps1'
            [regex]::Match($page, '(?ms)^```powershell\n(# update-changelog\.ps1.*?)\n```').Groups[1].Value | Set-Content -LiteralPath $script
            $variables = $place.Environment.Clone()
            $variables.SCRIPT = $script
            $variables.AMP_CLI_PATH = (Get-AmpTestLayout).MarchCli
            $variables.AMP_URL = $service.Url
            $variables.AMP_API_KEY = 'local-key-0123456789'
            # Started by path, a script that exits ends itself alone.
            $shell = Invoke-AmpTestShell $place -Variable $variables @'
$folder = @{ Folder = $PWD }
& $env:SCRIPT @folder -Log ./good.jsonl; "good $LASTEXITCODE"
$env:AMP_API_KEY = $null
& $env:SCRIPT @folder -Log ./key.jsonl; "key $LASTEXITCODE"
$env:AMP_API_KEY = 'any'
$env:AMP_URL = 'http://127.0.0.1:9'
& $env:SCRIPT @folder -Log ./down.jsonl; "down $LASTEXITCODE"
& $env:SCRIPT -Folder ./nowhere -Log ./none.jsonl; "folder $LASTEXITCODE"
'@
            ($shell.Output -split '\r?\n' -notmatch '^(WARNING: |$)') | Should -Be 'good ', 'key 77', 'down 75', 'folder 1'
            $shell.Error | Should -BeLike '*NotAuthenticated*ServiceUnreachable*InvalidOption*'
            (Get-Content (Join-Path $place.Project 'good.jsonl') | ConvertFrom-Json)[-1].result | Should -Be 'The changelog is up to date.'
        } finally {
            Close-AmpTestPlace $place
        }
    }
}
